import type { Entry } from '../../contract/log-entry.ts';

/** The last drill of an agent, as the log says it. */
export interface LastDrill {
  readonly atMs: number;
  readonly held: boolean;
}

/** When each agent was drilled last, followed from the log; for whoever looks, and for the schedule. */
export class Drills {
  readonly last = new Map<string, LastDrill>();
  /** Agents that were due, and could not be drilled. */
  readonly overdue = new Set<string>();

  see({ kind, agent, at, ...rest }: Entry): void {
    if (agent === undefined) return;
    if (kind === 'drill.overdue') this.overdue.add(agent);
    if (kind !== 'drill.done') return;
    this.overdue.delete(agent);
    this.last.set(agent, { atMs: Date.parse(at), held: rest['held'] === true });
  }
}
