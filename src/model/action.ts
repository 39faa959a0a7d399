import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { AskMethod } from './ask.ts';
import type { Review } from './decision.ts';
import type { TaskWish } from './task.ts';

/** Which door an attempt came through. */
export const DOORS = ['mcp', 'check', 'egress', 'hook', 'run'] as const;
export type Door = (typeof DOORS)[number];

export interface TargetRef {
  readonly type: string;
  readonly id: string;
}

/** What an action is done to: Cedar's `resource`, one at a time. */
export interface Target extends TargetRef {
  /** Everything it lies in, transitively and without itself: each ancestor directory, a repo's organisation. */
  readonly ancestors: readonly TargetRef[];
  /** What rules can read of it: always `id`; a Path also `name`, a Url `scheme`, `host`, `path`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The MCP methods that are actions. Everything else is answered, forwarded as a listing, or refused. */
export const ACTION_METHODS = ['tools/call', 'resources/read', 'prompts/get'] as const;
export type ActionMethod = (typeof ACTION_METHODS)[number];

/** The one request of the way out: a tunnel to a host and port (RFC 9110 §9.3.6). */
export const CONNECT = 'CONNECT';
/** What stands in place of an upstream there. No upstream can have this id. */
export const WAY_OUT = 'http:';
export const CONNECT_OPERATION = 'http:CONNECT';

/**
 * Where a request is decided as one method and sent as another: a completion as the prompt or resource that it
 * completes, a subscription as the read that it would repeat.
 */
export type SentAs =
  /** `params`: the whole of what is sent, read and put together anew. */
  | { readonly method: 'completion/complete'; readonly params: JsonObject }
  /** Its params are those of the read. */
  | { readonly method: 'resources/subscribe' };

/** What a client hands back so that a paused call goes on, as it came. */
export interface Continuation {
  readonly state: string;
  /** By the key of the request that each answers. */
  readonly responses: JsonObject;
}

/** An attempt as it comes out of intake: well-formed, not yet looked at by anything that decides. */
export interface Attempt {
  readonly agent: string;
  readonly session: string;
  /** Our own id of the session that this one says it works for. */
  readonly parent?: string;
  /** Names the token it came by without being it; null where an operator only asks. */
  readonly token: string | null;
  /** Names the run's own token where a program under `run` came with that: it has to be good as well. */
  readonly ofRun?: string;
  readonly door: Door;
  readonly upstream: string;
  /** What a client calls, or what the upstream asks of a client in the middle of that. */
  readonly method: ActionMethod | AskMethod | typeof CONNECT;
  /** The tool's or prompt's name; for `resources/read` the URI; for a tunnel `host:port`; empty for what an upstream asks. */
  readonly name: string;
  /** For `resources/read` `{uri}`; for `prompts/get` the prompt's own arguments. */
  readonly arguments: JsonObject;
  /** Absent: it is sent as the method it is decided as. */
  readonly sentAs?: SentAs;
  /** What the caller says it would be done to, at the check door: one of the targets that the arguments name, if any. */
  readonly resource?: TargetRef;
  /** The point that asks on the agent's behalf, at the check door. */
  readonly point?: string;
  /** A call of 2026-07-28 that goes on with what its upstream asked for. */
  readonly continues?: Continuation;
  /** Answers that came without a state, by key: for what its upstream asks for first, where it does. */
  readonly offers?: JsonObject;
  /** A call that its client wants as a task (2025-11-25). */
  readonly asTask?: TaskWish;
  /** The action in the middle of which an upstream asks this. */
  readonly during?: string;
  readonly idempotency?: string;
  /** The agent's stated reason: its own unverified claim. */
  readonly reason?: string;
  /** The agent says that it is unsure. */
  readonly unsure?: boolean;
}

/** Who gave an action which other arguments. */
interface Edit {
  readonly approval: string;
  readonly by: string;
  readonly arguments: JsonObject;
  /** `argumentsText` as the agent asked it: that is what it repeats. */
  readonly asked: string;
}

/** One attempt at an operation with everything that is decided, digested, recorded and sent. */
export interface Action extends Attempt {
  /** What people approved of it, once they have: the reviews that this discharges, under these rules alone. */
  readonly approved?: { readonly reviews: readonly Review[]; readonly policy: string };
  /** What a person made of it, where it is not as its agent asked. */
  readonly edited?: Edit;
  readonly id: string;
  readonly owner: string;
  /** `mcp:<upstream>/<tool>`, `mcp:<upstream>/resources/read`, `mcp:<upstream>/prompts/get`, `http:CONNECT`. */
  readonly operation: string;
  /** Digest of the definition this was checked against; null where nothing is pinned under that name. */
  readonly pin: string | null;
  readonly targets: readonly Target[];
  /** The targets as the log names them, without what may not be stored: what `digest` binds. */
  readonly namedTargets: readonly TargetRef[];
  /** RFC 8785 text of what is digested and sent: `arguments` (normalised), or the params of `sentAs`. */
  readonly argumentsText: string;
  readonly salt: Uint8Array;
  /** SHA-256(salt ‖ argumentsText). */
  readonly argumentsDigest: string;
  /** SHA-256 of RFC 8785 {agent, operation, pin, targets, argumentsDigest}; what a Pass is bound to. */
  readonly digest: string;
}

export function operationOf(attempt: Pick<Attempt, 'upstream' | 'method' | 'name'>): string {
  return attempt.method === CONNECT ? CONNECT_OPERATION : `mcp:${attempt.upstream}/${leafOf(attempt)}`;
}

/** What an operation is called below its upstream, by catalogs too: a tool's name, or any other method. */
export function leafOf({ method, name }: Pick<Attempt, 'method' | 'name'>): string {
  return method === 'tools/call' ? name : method;
}

/** The URI, or URI template, that a completion of a resource names; null for anything else. */
export function completedTemplate({ method, sentAs }: Pick<Attempt, 'method' | 'sentAs'>): string | null {
  if (method !== 'resources/read' || sentAs?.method !== 'completion/complete') return null;
  const ref = sentAs.params['ref'];
  const uri = isJsonObject(ref) ? ref['uri'] : undefined;
  return typeof uri === 'string' ? uri : null;
}
