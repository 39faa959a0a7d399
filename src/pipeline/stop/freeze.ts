import type { Recorder } from '../record.ts';
import type { HaltSwitch } from './halt-switch.ts';
import { countsOf } from './stop.ts';

/**
 * Something of ours broke: everything stops, in memory at once. The entry and the stored level follow with the next
 * commit that succeeds; only a person releases it.
 */
export function freezeEverything(halt: HaltSwitch, recorder: Recorder, why: string): void {
  // A release that is being recorded ends what was known: what breaks now is the log's last word.
  const known = halt.fault !== null && !halt.records.isReleasing('all');
  const { things } = halt.freezeForFault(why);
  if (known) return;
  // What was killed stays so.
  const level = halt.levels.get('all') ?? 'frozen';
  const fields = { kind: 'containment.stopped', scope: 'all', level, by: 'fault', why } as const;
  // Owed at once, not when all has ended: what could not be recorded is written before anything else.
  recorder.owe({
    fields: { ...fields, ...(things.length === 0 ? {} : { cut: { counts: countsOf(things) } }) },
    cells: [{ kind: 'level', key: 'all', value: level }],
  });
}
