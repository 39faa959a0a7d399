import type { JsonObject } from '../../base/json.ts';
import type { Attempt } from '../../model/action.ts';
import type { LogLevel } from '../../model/log-level.ts';
import type { Answer } from './answer.ts';
import type { CallControl, Caller, Generation } from './call.ts';

export const LIST_KINDS = ['tools', 'prompts', 'resources'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/**
 * Where one client is told what it did not just ask for: a session of the older generation, or one `subscriptions/listen` of
 * 2026-07-28.
 */
export interface Listener {
  readonly caller: Caller;
  /** The upstream that it wants to hear of; null: all of them. */
  readonly upstream: string | null;
  readonly generation: Generation;
  /** The lists of which it is told when what this agent is shown has changed. */
  readonly lists: ReadonlySet<ListKind>;
  /**
   * For log messages outside of calls: the session that reads them, and the least severe level that it wants (undefined: all
   * that come). Null: it wants none.
   */
  readonly log: { readonly session: string; level(): LogLevel | undefined } | null;
  /** Sends one notification. What is told is scrubbed, bounded, and was permitted in this very tick. */
  tell(method: string, params: JsonObject): void;
  /** Called when nothing more is told: the token, the agent or (2026-07-28) a subscription has ended. */
  end(): void;
}

/** A listener that was let in. */
export interface OpenListener {
  /** Subscribes, through the whole corridor. `asked`: the URI as the client wrote it, by which it is told of changes. */
  subscribe(attempt: Attempt, asked: string, control: CallControl): Promise<Answer>;
  unsubscribe(asked: string): void;
  close(): void;
}
