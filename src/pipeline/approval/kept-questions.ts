import type { Action } from '../../model/action.ts';
import { type Kept, matches } from './approval-kept.ts';

/** The questions that are kept, in the order in which they were asked, found by id and by agent. */
export class KeptQuestions {
  readonly #byId = new Map<string, Kept>();
  readonly #byAgent = new Map<string, Set<Kept>>();

  all(): readonly Kept[] {
    return [...this.#byId.values()];
  }

  find(id: string): Kept | undefined {
    return this.#byId.get(id);
  }

  /** Whether this agent has any: most never have, and cost no more than this. */
  has(agent: string): boolean {
    return this.#byAgent.has(agent);
  }

  of(agent: string): Iterable<Kept> {
    return this.#byAgent.get(agent) ?? [];
  }

  /** The question that this action repeats: the one that `isOpen`, else the newest that is over. */
  match(action: Action, isOpen: (kept: Kept) => boolean): Kept | null {
    let found: Kept | null = null;
    for (const kept of this.of(action.agent)) {
      if (!matches(kept, action)) continue;
      if (isOpen(kept)) return kept;
      found = kept;
    }
    return found;
  }

  put(kept: Kept): void {
    const { id, agent } = kept.approval;
    this.#byId.set(id, kept);
    const own = this.#byAgent.get(agent) ?? new Set();
    this.#byAgent.set(agent, own.add(kept));
  }

  drop(kept: Kept): void {
    const { id, agent } = kept.approval;
    this.#byId.delete(id);
    const own = this.#byAgent.get(agent);
    own?.delete(kept);
    if (own?.size === 0) this.#byAgent.delete(agent);
  }
}
