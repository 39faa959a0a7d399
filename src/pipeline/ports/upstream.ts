import type { Duplex } from 'node:stream';
import type { CancelSignal } from '../../base/cancel.ts';
import type { Problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import type { Listed } from '../../catalog/pins/definition.ts';
import type { UpstreamTask } from '../../intake/upstream-task.ts';
import type { Attempt, SentAs } from '../../model/action.ts';
import type { ClientCan } from '../../model/ask.ts';
import type { LogLevel } from '../../model/log-level.ts';
import type { TunnelEnd } from '../../model/outcome.ts';
import type { Pass } from '../pass.ts';
import type { RpcError } from './answer.ts';
import type { Generation, Watch } from './call.ts';

/*
 * The corridor's other end: what it executes through. The MCP door and the way out keep this contract; main/ joins them.
 */

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
  readonly signal: CancelSignal;
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
