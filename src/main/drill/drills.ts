import { LIMITS } from '../../base/limits.ts';
import type { DrillRun } from '../../contract/control-reads.ts';
import type { Entry } from '../../contract/log-entry.ts';

/** The last drill of an agent, as the log says it. */
interface LastDrill {
  readonly atMs: number;
  readonly held: boolean;
}

/** When each agent was drilled and what was seen, followed from the log; for whoever looks, and for the schedule. */
export class Drills {
  readonly last = new Map<string, LastDrill>();
  /** Agents that were due, and could not be drilled. */
  readonly overdue = new Set<string>();
  readonly #runs = new Map<string, DrillRun[]>();

  /** The newest of an agent, the oldest first. */
  runsOf(agent: string): readonly DrillRun[] {
    return this.#runs.get(agent) ?? [];
  }

  see(entry: Entry): void {
    const { kind, agent, at } = entry;
    if (agent === undefined) return;
    if (kind === 'drill.overdue') this.overdue.add(agent);
    if (kind !== 'drill.done') return;
    this.overdue.delete(agent);
    this.last.set(agent, { atMs: Date.parse(at), held: entry['held'] === true });
    this.#runs.set(agent, [...this.runsOf(agent), runOf(entry)].slice(-LIMITS.drillTrend));
  }
}

function runOf(entry: Entry): DrillRun {
  const { at } = entry;
  const things = listOf(entry['things']);
  return {
    at,
    drill: String(entry['drill']),
    level: entry['level'] === 'killed' ? 'killed' : 'frozen',
    held: entry['held'] === true,
    ms: typeof entry['ms'] === 'number' ? entry['ms'] : null,
    things: things.length,
    broken: things
      .filter((thing) => thing['held'] !== true)
      .map((thing) => `${thing['kind']}: ${thing['name']}`),
    notTried: listOf(entry['notTried']).map((one) => String(one['what'])),
  };
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
