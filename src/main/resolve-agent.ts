import type { Agent } from '../model/agent.ts';
import { WEEKDAYS } from '../model/hours.ts';
import { minutesOf } from '../watch/notify/quiet-hours.ts';
import { type Configuration, durationMs } from './configuration/shape.ts';

/** An agent as the configuration writes it → as the corridor reads it. The shape has checked every form. */
export function resolveAgent({ hours, cadence, ...agent }: Configuration['agents'][number]): Agent {
  return {
    ...(agent as Omit<Agent, 'hours' | 'cadenceMs'>),
    ...(cadence === undefined ? {} : { cadenceMs: durationMs(cadence) }),
    ...(hours === undefined
      ? {}
      : {
          hours: {
            days: hours.days.map((day) => WEEKDAYS.indexOf(day) + 1),
            from: minutesOf(hours.from) ?? 0,
            to: minutesOf(hours.to) ?? 0,
            zone: hours.zone,
          },
        }),
  };
}
