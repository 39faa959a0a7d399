import type { Problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import type { TaskRequest } from '../../intake/task.ts';
import type { Attempt } from '../../model/action.ts';
import type { TaskAnswer, TaskCaller } from '../tasks/task-requests.ts';
import type { Answer } from './answer.ts';
import type { CallControl, Caller, Generation } from './call.ts';
import type { Listener, OpenListener } from './listener.ts';

/** What one agent is shown of one upstream: definitions as pinned, minus what it could never have. */
export interface Listing {
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  /** The server's instructions, as pinned. */
  readonly instructions?: string;
}

/** The corridor as doors see it: they hand in attempts and know nothing of what stands behind. main/ joins the two. */
export interface Corridor {
  /**
   * Who comes with this token; TOKEN_REFUSED where it is none of ours, or over. Compares in constant time. `from`: the peer's
   * address, for the limit on failed tries. `over`: the connection, where one client alone speaks on it; what was shown on it
   * before is not hashed again.
   */
  authenticate(bearer: string | undefined, from: string, over?: object): Result<Caller, Problem>;
  /** Ids of the configured upstreams, in the order of the configuration. */
  upstreams(): readonly string[];
  /** Whether one of this id is configured. */
  hasUpstream(id: string): boolean;
  /**
   * What one agent is shown of one upstream. With `known` it is what the upstream listed last, and the upstream is asked soon;
   * otherwise the upstream is asked now. `only`: the parts that are wanted; the others come back empty.
   */
  listing(
    caller: Caller,
    upstream: string,
    generation: Generation,
    known?: 'known',
    only?: readonly (keyof Listing)[],
  ): Promise<Result<Listing, Problem>>;
  /** The pinned input schema of a tool, the same object until the pin changes; null where nothing is pinned. */
  inputSchemaOf(upstream: string, generation: Generation, tool: string): JsonObject | null;
  /** One attempt through the whole corridor. Never rejects: faults become denials. */
  act(attempt: Attempt, generation: Generation, control: CallControl): Promise<Answer>;
  /** One request about the caller's tasks. Never rejects. */
  tasks(who: TaskCaller, request: TaskRequest, control: CallControl): Promise<TaskAnswer>;
  /** Opens a listener; refused where the agent has LIMITS.listenersPerAgent of them. */
  listen(listener: Listener): Result<OpenListener, Problem>;
  /** Why nothing of this agent may run, or be told to it, now; null when it may. */
  whyNotNow(caller: Caller): Problem | null;
  /** TOKEN_REFUSED where the token that this caller came with is no longer good; null while it is, or where a stop is the reason. */
  gone(caller: Caller): Problem | null;
  /** Tells that a session is over for good: paused calls that wait for its client end. */
  left(session: string): void;
  /** Counts one request that is no attempt (a list, a ping). A Problem: the agent made too many within the minute. */
  look(caller: Caller): Problem | null;
  /** A Problem where this agent was refused too often, so that nothing more of it is read in this minute; else null. */
  refusedTooOften(caller: Caller): Problem | null;
  /** Counts one refusal for `instance.refused`, and against its agent; `agent` is null where authentication failed. */
  refused(agent: string | null, problem: Problem): void;
}
