import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';
import type { Draft } from './draft.ts';

/**
 * What the log is owed because it could not be written: outcomes, kept and written first when the store returns, and
 * denials, of which the count is kept and told as `instance.gap` with the next entry that succeeds.
 */
export class Owed {
  #kept: Draft[] = [];
  /** Denied action → code. Beyond the bound only the number grows. */
  readonly #denials = new Map<string, string>();
  #uncounted = 0;
  #since: string | null = null;
  /** The last gap that was drafted, and what it tells of. */
  #gap: { draft: Draft; actions: readonly string[]; uncounted: number } | null = null;

  get isEmpty(): boolean {
    return this.#kept.length === 0 && this.#denials.size + this.#uncounted === 0;
  }

  addDraft(draft: Draft): void {
    this.#kept.push(draft);
  }

  addDenial(action: string, code: string, at: string): void {
    this.#since ??= at;
    if (this.#denials.size < LIMITS.queuedEntries) this.#denials.set(action, code);
    else this.#uncounted++;
  }

  /** What to write before anything else. Stays owed until `settle`. */
  drafts(): readonly Draft[] {
    const drafts = [...this.#kept];
    const count = this.#denials.size + this.#uncounted;
    if (count > 0) {
      const codes: Record<string, number> = {};
      for (const code of this.#denials.values()) codes[code] = (codes[code] ?? 0) + 1;
      const draft: Draft = { fields: { kind: 'instance.gap', count, codes, since: this.#since ?? '' } };
      this.#gap = { draft, actions: [...this.#denials.keys()], uncounted: this.#uncounted };
      drafts.push(draft);
    }
    return drafts;
  }

  /** The drafts were written. Denials that came after the gap was drafted are still owed. */
  settle(drafts: readonly Draft[]): void {
    if (drafts.length === 0 || this.isEmpty) return;
    const written = new Set(drafts);
    this.#kept = this.#kept.filter((draft) => !written.has(draft));
    if (this.#gap === null || !written.has(this.#gap.draft)) return;
    for (const action of this.#gap.actions) this.#denials.delete(action);
    this.#uncounted -= this.#gap.uncounted;
    this.#gap = null;
    if (this.#denials.size + this.#uncounted === 0) this.#since = null;
  }

  /** Entries turned out to be kept though their commit had failed: they are owed no more. */
  forget(found: readonly Entry[]): void {
    for (const entry of found) {
      if (entry.action === undefined) continue;
      if (entry.kind === 'action.decided') this.#denials.delete(entry.action);
      if (entry.kind === 'action.outcome') {
        this.#kept = this.#kept.filter((draft) => draft.fields.action !== entry.action);
      }
    }
  }
}
