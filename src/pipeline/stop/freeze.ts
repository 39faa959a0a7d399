import type { Recorder } from '../record.ts';
import type { HaltSwitch } from './halt-switch.ts';
import { countsOf } from './stop.ts';

/**
 * Something of ours broke: everything stops, in memory at once. The entry and the stored level follow with the next
 * commit that succeeds; only a person releases it.
 */
export function freezeEverything(halt: HaltSwitch, recorder: Recorder, why: string): void {
  // While a release is being recorded, a fault counts as new even if one was known: its entry has to stand behind the release.
  const known = halt.fault !== null && !halt.records.isReleasing('all');
  const { things } = halt.freezeForFault(why);
  if (known) return;
  // If everything was killed before, it stays killed.
  const level = halt.levels.get('all') ?? 'frozen';
  const fields = { kind: 'containment.stopped', scope: 'all', level, by: 'fault', why } as const;
  // Owed at once and not once all has ended, so that it is written before anything else.
  recorder.owe({
    fields: { ...fields, ...(things.length === 0 ? {} : { cut: { counts: countsOf(things) } }) },
    cells: [{ kind: 'level', key: 'all', value: level }],
  });
}
