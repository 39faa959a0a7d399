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
  /** Constant-time over hashed tokens. `from` is the peer's address, for the limit on failures. */
  authenticate(bearer: string | undefined, from: string): Result<Caller, Problem>;
  /** Ids of the configured upstreams, in the order of the configuration. */
  upstreams(): readonly string[];
  /**
   * `known`: as the upstream listed last, and it is asked in a moment; otherwise it is asked now. `only`: the parts that
   * are wanted, of which alone it is decided what is shown; the others are empty.
   */
  listing(
    caller: Caller,
    upstream: string,
    generation: Generation,
    known?: 'known',
    only?: readonly (keyof Listing)[],
  ): Promise<Result<Listing, Problem>>;
  /** The input schema of a tool as it is pinned, the same object until that changes; null where there is none. */
  inputSchemaOf(upstream: string, generation: Generation, tool: string): JsonObject | null;
  /** One attempt through the whole corridor. Never rejects: faults become denials. */
  act(attempt: Attempt, generation: Generation, control: CallControl): Promise<Answer>;
  /** One request about the caller's tasks. Never rejects. */
  tasks(who: TaskCaller, request: TaskRequest, control: CallControl): Promise<TaskAnswer>;
  /** Opens a listener; refused where the agent has LIMITS.listenersPerAgent of them. */
  listen(listener: Listener): Result<OpenListener, Problem>;
  /** Why nothing of this agent may run, or be told to it, now; null when it may. */
  whyNotNow(caller: Caller): Problem | null;
  /** TOKEN_REFUSED where what this caller came with is good no more; null while it is, and where a stop says more. */
  gone(caller: Caller): Problem | null;
  /** A session of actions is over for good: calls that wait for its client end. */
  left(session: string): void;
  /** Counts one request that is no attempt; a Problem where the agent made too many within the minute. */
  look(caller: Caller): Problem | null;
  /** Why nothing of this agent is read in this minute: it was refused too often. Null while it is read. */
  refusedTooOften(caller: Caller): Problem | null;
  /** Counts one refusal for `instance.refused`, and against its agent; `agent` is null where authentication failed. */
  refused(agent: string | null, problem: Problem): void;
}
