import { canOwn } from '../../model/person.ts';
import type { InForce, SetParts } from '../in-force.ts';

/** That somebody answers for an agent in place of whom the applied set names. */
interface TakenOver {
  readonly owner: string;
  /** Whom the set named when that was done: it holds as long as the set says nothing else. */
  readonly from: string;
}

/** Owners in force that no apply has named: backups that took over. Kept beside the log, which says the same. */
export class Owners {
  readonly #taken = new Map<string, TakenOver>();

  put(agent: string, taken: TakenOver): void {
    this.#taken.set(agent, taken);
  }

  drop(agents: readonly string[]): void {
    for (const agent of agents) this.#taken.delete(agent);
  }

  /** The applied set with whoever answers for its agents now; a backup that took over has none herself. */
  over(parts: SetParts): SetParts {
    if (this.#taken.size === 0) return parts;
    const agents = parts.agents.map((agent) => {
      const taken = this.#taken.get(agent.id);
      if (taken === undefined || taken.from !== agent.owner) return agent;
      const { backup: _, ...rest } = agent;
      return { ...rest, owner: taken.owner };
    });
    return { ...parts, agents };
  }

  /** Of which agents this set says otherwise: they are handed back by taking it. */
  handedBackBy({ agents }: Pick<SetParts, 'agents'>): string[] {
    const named = new Map(agents.map(({ id, owner }) => [id, owner]));
    return [...this.#taken].filter(([agent, { from }]) => named.get(agent) !== from).map(([agent]) => agent);
  }
}

/** Whether somebody answers for it: in force, not disabled, and with the role. */
export function hasOwner({ agents, people }: Pick<InForce, 'agents' | 'people'>, agent: string): boolean {
  return canOwn(people.get(agents.get(agent)?.owner ?? ''));
}

export function readTakenOver(text: string): TakenOver | null {
  try {
    const { owner, from } = JSON.parse(text) as Record<string, unknown>;
    return typeof owner === 'string' && typeof from === 'string' ? { owner, from } : null;
  } catch {
    return null;
  }
}
