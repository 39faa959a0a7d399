import type { Duplex } from 'node:stream';
import type { Problem } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Listed } from '../catalog/pins/definition.ts';
import type { TaskRequest } from '../intake/task.ts';
import type { UpstreamTask } from '../intake/upstream-task.ts';
import type { Attempt, SentAs } from '../model/action.ts';
import type { Ask, ClientCan } from '../model/ask.ts';
import type { Decision } from '../model/decision.ts';
import type { LogLevel } from '../model/log-level.ts';
import type { TunnelEnd } from '../model/outcome.ts';
import type { Pass } from './pass.ts';
import type { TaskView } from './tasks/task.ts';
import type { TaskAnswer, TaskCaller } from './tasks/task-requests.ts';

/**
 * Where the corridor meets the doors. On one side a door hands in attempts (`Corridor`), on the other the corridor
 * executes through upstream clients (`Upstreams`), which the MCP door keeps. Both sides are plain calls; main/ joins them.
 */

/** The two families of the protocol: stateless 2026-07-28, and 2025-11-25 / 2025-06-18 with sessions. */
export type Generation = '2026' | '2025';

// ── the side of the agents ─────────────────────────────────────────────────────────────────────────────────────────

/** Who is calling, once authenticated. `token` names the token without being it. */
export interface Caller {
  readonly agent: string;
  readonly token: string;
  /** Of a program under `run`: names the run's own token, which was exchanged for that one. */
  readonly ofRun?: string;
}

/** The reason of a signal that is aborted because Lanyard itself ends: whoever waits is still there, and is answered. */
export const ENDING = new Error('Lanyard is stopping');

export interface CallControl {
  /** Aborted when the client cancels or goes away, or with ENDING. */
  readonly signal: AbortSignal;
  /** `notifications/progress` params of the upstream, without `progressToken`. Absent: the client asked for none. */
  readonly onProgress?: ((params: JsonObject) => void) | undefined;
  /** `notifications/message` params of the upstream about this call. Absent: the client wants none. */
  readonly onMessage?: ((params: JsonObject) => void) | undefined;
  /** The least severe of them that is wanted; absent: what the upstream sends by itself. */
  readonly logLevel?: LogLevel | undefined;
  /** What this client said it can be asked. Absent: nothing. */
  readonly can?: ClientCan | undefined;
  /**
   * Asks the client on the stream of this very call (the older generation), under an id of the door's own. Absent: it
   * is asked by the answer (2026-07-28). Never rejects; `signal` ends the asking.
   */
  readonly ask?: ((ask: Ask, signal: AbortSignal) => Promise<Said>) | undefined;
  /** Of a subscription: who is told of changes. */
  readonly watch?: Watch | undefined;
  /** The upstream let go of the stream on which it answers; the answer is awaited on another one. */
  readonly onBroken?: (() => void) | undefined;
  /** Of a tunnel: tells its client that the way is open, and gives the client's end of it. Called once at most. */
  readonly openTunnel?: (() => Duplex) | undefined;
}

/** One subscription to one resource, as whoever keeps the upstream's session sees it. */
export interface Watch {
  /** Aborted when nobody wants to hear of it any more. */
  readonly ended: AbortSignal;
  updated(): void;
  /** The upstream or its session ended it: nothing will come any more. */
  lost(): void;
}

export const LIST_KINDS = ['tools', 'prompts', 'resources'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** Where one client is told what it did not just ask for: a session of the older generation, or one subscription. */
export interface Ear {
  readonly caller: Caller;
  /** null: all of them. */
  readonly upstream: string | null;
  readonly generation: Generation;
  /** Of which lists it is told that what this agent is shown has changed. */
  readonly lists: ReadonlySet<ListKind>;
  /**
   * Of log messages outside of calls: the session that hears them, and the least severe that it wants (undefined: all
   * that come). Null: it hears none.
   */
  readonly log: { readonly session: string; level(): LogLevel | undefined } | null;
  /** Scrubbed, bounded, and permitted in the very moment. */
  tell(method: string, params: JsonObject): void;
  /** Nothing is told any more: the token, the agent or (2026-07-28) a subscription of it has ended. */
  end(): void;
}

/** An ear that is open. */
export interface Hearing {
  /** A subscription through the whole corridor. `asked` is the URI that the client is told of, as it wrote it. */
  subscribe(attempt: Attempt, asked: string, control: CallControl): Promise<Answer>;
  unsubscribe(asked: string): void;
  close(): void;
}

/** What a client said to what it was asked. */
export type Said =
  | {
      readonly kind: 'result';
      readonly result: JsonObject;
      /** Of an address to open: tells the client, under the id that it was given, that this is done. */
      readonly completed?: () => void;
    }
  | { readonly kind: 'error'; readonly error: RpcError }
  /** Nothing any more: it was cancelled, or the client went away. */
  | { readonly kind: 'gone' };

/** What a door passes on to its client. Everything in it is scrubbed and redacted already. */
export type Answer =
  | { readonly kind: 'result'; readonly action: string; readonly result: JsonObject }
  /** The upstream answered with a JSON-RPC error of its own. */
  | { readonly kind: 'error'; readonly action: string; readonly error: RpcError }
  /** The upstream asks for input first (2026-07-28); `state` is ours, and the call goes on with it. */
  | {
      readonly kind: 'input-required';
      readonly action: string;
      readonly requests: JsonObject;
      readonly state: string;
    }
  /** It goes on as a task, which is ours. */
  | { readonly kind: 'task'; readonly action: string; readonly task: TaskView }
  /** Decided: denied. Answered as a tool result with `isError` and `_meta["dev.lanyard/decision"]`. */
  | {
      readonly kind: 'denied';
      readonly action: string;
      readonly decision: Decision;
      /** The tool of the built-in server that helps the agent on. */
      readonly helps?: string | undefined;
    }
  /** Executed or begun, and it did not end well: failed, aborted or unknown. */
  | { readonly kind: 'failed'; readonly action: string; readonly problem: Problem }
  /** Never became an action: malformed, unknown, over a limit. Answered as a JSON-RPC error; already counted. */
  | { readonly kind: 'refused'; readonly problem: Problem };

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

/** What one agent is shown of one upstream: definitions as pinned, minus what it could never have. */
export interface Listing {
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  /** The server's instructions, as pinned. */
  readonly instructions?: string;
}

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
  /** Opens an ear; refused where the agent has LIMITS.earsPerAgent of them. */
  hear(ear: Ear): Result<Hearing, Problem>;
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

// ── the side of the upstreams ──────────────────────────────────────────────────────────────────────────────────────

/** What an upstream lists in one generation, every page of it, as it came (parsed, `dev.lanyard/*` dropped). */
export type Definitions = Listed;

/** What an action is sent as; `tasks/update` where one that runs as a task goes on. */
export type OrderMethod = Attempt['method'] | SentAs['method'] | 'tasks/update';

/** What is to be sent: built from the action alone, never from the bytes that arrived (P3). */
export interface Order {
  readonly method: OrderMethod;
  /** Tool or prompt name, or URI; of `tasks/update` the upstream's own id of the task. */
  readonly name: string;
  /** RFC 8785 text of the arguments; of all but `tools/call` and `prompts/get` the whole params. Sent exactly so. */
  readonly argumentsText: string;
  /** The action's digest, to which the pass is bound. */
  readonly digest: string;
  /** What a paused call goes on with (2026-07-28). */
  readonly input?: OrderInput;
}

interface OrderInput {
  /** RFC 8785 text of `inputResponses`. Sent exactly so. */
  readonly responsesText: string;
  /** The upstream's own `requestState`; null where it gave none. */
  readonly state: string | null;
}

export type Reply =
  | { readonly kind: 'result'; readonly result: JsonObject; readonly tunnel?: TunnelEnd }
  | { readonly kind: 'error'; readonly error: RpcError }
  /** It asks for input first (2026-07-28): requests by key, as they came, and its own state. */
  | { readonly kind: 'input-required'; readonly requests: JsonObject; readonly state: string | null }
  /** It goes on as a task: what it says of it at its beginning. */
  | { readonly kind: 'task'; readonly task: UpstreamTask }
  /** Not a byte left: the switch held, or there was no connection. */
  | { readonly kind: 'not-sent'; readonly problem: Problem }
  /** Bytes left and no proper answer came: what happened is not known. */
  | { readonly kind: 'lost'; readonly problem: Problem; readonly tunnel?: TunnelEnd };

/** What goes back to an upstream that asked. */
export type AskReply =
  | {
      readonly kind: 'answer';
      readonly result: JsonObject;
      /** Asked in the tick in which the answer leaves: why it may not after all; null when it may. */
      readonly admit: () => Problem | null;
      /** Tells the client that what it went to an address for is done; absent where it went nowhere or has no word for it. */
      readonly completed?: () => void;
    }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** What the corridor gives an upstream client along with an order. */
export interface ExecuteControl {
  readonly signal: AbortSignal;
  readonly onProgress?: ((params: JsonObject) => void) | undefined;
  readonly onMessage?: ((params: JsonObject) => void) | undefined;
  readonly logLevel?: LogLevel | undefined;
  readonly watch?: Watch | undefined;
  readonly onBroken?: (() => void) | undefined;
  /**
   * What the upstream asks in the middle of this call (the older generation); `signal` says that it asks no more. Never
   * rejects. Absent: nothing may be asked.
   */
  readonly onAsk?:
    | ((method: string, params: JsonObject, signal: AbortSignal) => Promise<AskReply>)
    | undefined;
  /** What the client can be asked by the answer (2026-07-28). Absent: nothing. */
  readonly can?: ClientCan | undefined;
  /** Absent: the answer can be no task. */
  readonly tasks?: TaskTerms | undefined;
  /** Of a tunnel. */
  readonly tunnel?: TunnelControl | undefined;
  /** Whose call it is: what is asked without saying in which call may be put to nobody else. */
  readonly asker?: string | undefined;
}

/** What the way out is given along with a tunnel's order. */
export interface TunnelControl {
  /** Why it may not lead to this very address; null when it may. */
  admit(address: string): Problem | null;
  open(): Duplex;
}

/** On which terms an upstream may answer a call with a task. */
export interface TaskTerms {
  /**
   * The client takes a task, so it is one wherever the upstream has that form; else it is one where the upstream has no other
   * form, and Lanyard waits for its end.
   */
  readonly taken: boolean;
  /** 2026-07-28: whether the upstream may decide for a task. */
  readonly told: boolean;
  /** How long the client wants it kept (2025-11-25), in milliseconds. */
  readonly ttlMs: number | null;
}

/** A question about a task of an upstream's. It executes nothing, so it needs no pass, and may be asked again. */
export interface TaskQuestion {
  readonly method: 'tasks/get' | 'tasks/result' | 'tasks/cancel';
  /** The upstream's own id. */
  readonly id: string;
  readonly can?: ClientCan;
  readonly signal?: AbortSignal;
  readonly onAsk?: ExecuteControl['onAsk'];
  readonly asker?: string;
}

/** One agent's own session with one upstream, in one generation. */
export interface UpstreamSession {
  readonly generation: Generation;
  /** What this very session lists; replaced when the upstream says its lists changed. */
  definitions(): Definitions;
  /** Sends once, never again by itself. Calls `spend(pass, order.digest)` in the tick of the first byte. */
  execute(order: Order, pass: Pass, control: ExecuteControl): Promise<Reply>;
  /** 2025-11-25: whether this order, on these terms, is sent as one that runs as a task. */
  runsAsTask(order: Order, terms: TaskTerms): boolean;
  askTask(question: TaskQuestion): Promise<Reply>;
  /** `then` is called when the upstream says that a task of its own has changed. Answers how to leave. */
  hearTask(id: string, then: () => void): () => void;
}

export interface Upstream {
  readonly id: string;
  /** What it was found to speak; empty while it is not connected. */
  generations(): readonly Generation[];
  /** Asks the session that belongs to no agent for its lists, now. */
  list(generation: Generation): Promise<Result<Definitions, Problem>>;
  /** The same in a moment, once for many such wishes; what it lists is told as whenever it is seen. */
  listSoon(generation: Generation): void;
  /** The agent's own session (the common one with `shared: true`), connected and listed at the first call. */
  session(agent: string, generation: Generation): Promise<Result<UpstreamSession, Problem>>;
}

export interface Upstreams {
  get(id: string): Upstream | undefined;
}

/** Told by upstream clients whenever the session without an agent has seen lists: connect, reconnect, change, interval. */
export type OnListed = (upstream: string, generation: Generation, definitions: Definitions) => void;

/** Told of `notifications/message` params that came outside of every call, in an agent's own session. */
export type OnMessage = (upstream: string, agent: string, params: JsonObject) => void;
