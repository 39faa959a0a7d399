import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { err, ok } from '../../base/result.ts';
import type { Operations } from '../../control/operations.ts';
import { isLevel } from '../../model/level.ts';
import type { House } from '../house.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { unknownAgent } from '../unknown.ts';
import { playDrill } from './drill.ts';
import { writeReport } from './report.ts';
import type { DrillLevel } from './thing.ts';

/** One drill at a time: two would measure each other. */
export interface DrillLatch {
  drilling: boolean;
}

/** Rehearsed stops. Nothing real is stopped, so it takes no more than a stop does. */
export function drillOperations(
  house: House,
  around: Surroundings,
  latch: DrillLatch,
): Pick<Operations, 'drill'> {
  return {
    async drill(what, level, by) {
      const agent = /^agent:(.+)$/.exec(what)?.[1] ?? '';
      const unknown = unknownAgent(agent, house.standing.inForce.agents.keys());
      if (unknown !== null) return err(agent === '' ? problem('NOT_DRILLABLE', { what }) : unknown);
      if (!isDrillLevel(level))
        return err(problem('LEVEL_UNKNOWN', { level, act: 'drill', levels: 'frozen or killed' }));
      if (latch.drilling) return err(problem('DRILLING'));
      latch.drilling = true;
      try {
        return await drillNow(house, around, agent, level, by);
      } finally {
        latch.drilling = false;
      }
    },
  };
}

const isDrillLevel = (text: string): text is DrillLevel =>
  isLevel(text) && (text === 'frozen' || text === 'killed');

async function drillNow(
  house: House,
  around: Surroundings,
  agent: string,
  level: DrillLevel,
  by: string,
): ReturnType<Operations['drill']> {
  const at = toInstant(house.clock.now());
  const drilled = await playDrill(house, around, agent, level);
  if (!drilled.ok) return err({ code: 'NOT_DRILLED', sentence: drilled.error });
  const { held, things, notTried, tunnelTo } = drilled.value;
  const ms = Math.max(0, ...things.filter(({ kind }) => kind !== 'release').map((thing) => thing.ms ?? 0));
  const drill = house.ids();
  const seen = {
    drill,
    agent,
    level,
    held,
    ms,
    where: 'live',
    things: things.map((thing) => ({ ...thing })),
    notTried: notTried.map((one) => ({ ...one })),
  };
  const report = writeReport(around.state, house.signer, { ...seen, at });
  const who = by === 'socket' || by === 'schedule' ? { by } : { by: 'person', person: by };
  const fields = {
    kind: 'drill.done',
    ...seen,
    report: report.digest,
    tunnel: { to: tunnelTo, since: at },
    ...who,
  } as const;
  await house.recorder.record({ fields }).catch(() => house.recorder.owe({ fields }));
  return ok({ ...seen, at, report: report.path });
}
