import type { JsonObject } from '../../base/json.ts';
import type { Attempt } from '../../model/action.ts';
import type { LogLevel } from '../../model/log-level.ts';
import type { Answer } from './answer.ts';
import type { CallControl, Caller, Generation } from './call.ts';

export const LIST_KINDS = ['tools', 'prompts', 'resources'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** Where one client is told what it did not just ask for: a session of the older generation, or one subscription. */
export interface Listener {
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

/** A listener that was let in. */
export interface OpenListener {
  /** A subscription through the whole corridor. `asked` is the URI that the client is told of, as it wrote it. */
  subscribe(attempt: Attempt, asked: string, control: CallControl): Promise<Answer>;
  unsubscribe(asked: string): void;
  close(): void;
}
