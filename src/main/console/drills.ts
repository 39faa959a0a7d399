import { toInstant } from '../../base/clock.ts';
import { durationMs } from '../../base/duration.ts';
import type { DrillsView } from '../../contract/control-reads.ts';
import type { House } from '../house.ts';

/** What may be wrong with the drills of an agent. */
export const DRILL_TROUBLES = ['overdue', 'failed'] as const;

/** Agents in force whose drill was due and could not be done, and whose last one did not hold. */
export function drillTroubles({
  drills,
  resolved,
  standing,
}: House): Readonly<Record<(typeof DRILL_TROUBLES)[number], readonly string[]>> {
  const isScheduled = resolved().set.configuration.drills !== undefined;
  const agents = [...standing.inForce.agents.keys()];
  return {
    // Where nobody wants them any more none is due.
    overdue: agents.filter((agent) => isScheduled && drills.overdue.has(agent)),
    failed: agents.filter((agent) => drills.last.get(agent)?.held === false),
  };
}

/** The drills of every agent in force: what was seen lately, and which are due. */
export function drillsOf(house: House): DrillsView {
  const { drills, resolved, standing } = house;
  const { overdue } = drillTroubles(house);
  const every = resolved().set.configuration.drills?.every ?? null;
  return {
    every,
    agents: [...standing.inForce.agents.keys()].map((agent) => {
      const last = drills.last.get(agent);
      const due = every === null || last === undefined ? null : last.atMs + durationMs(every);
      return {
        agent,
        overdue: overdue.includes(agent),
        dueAt: due === null ? null : toInstant(due),
        runs: drills.runsOf(agent),
      };
    }),
  };
}
