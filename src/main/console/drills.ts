import { toInstant } from '../../base/clock.ts';
import { durationMs } from '../../base/duration.ts';
import type { DrillsView } from '../../contract/control-reads.ts';
import type { House } from '../house.ts';

/** The drills of every agent in force: what was seen lately, and which are due. */
export function drillsOf({ drills, resolved, standing }: House): DrillsView {
  const every = resolved().set.configuration.drills?.every ?? null;
  return {
    every,
    agents: [...standing.inForce.agents.keys()].map((agent) => {
      const last = drills.last.get(agent);
      const due = every === null || last === undefined ? null : last.atMs + durationMs(every);
      return {
        agent,
        overdue: drills.overdue.has(agent),
        dueAt: due === null ? null : toInstant(due),
        runs: drills.runsOf(agent),
      };
    }),
  };
}
