import type { HaltSwitch } from './halt-switch.ts';
import type { Recorder } from './record.ts';

/**
 * Something of ours broke: everything stops, in memory at once. The entry and the stored level follow with the next
 * commit that succeeds; only a person releases it.
 */
export function freezeEverything(halt: HaltSwitch, recorder: Recorder, why: string): void {
  const known = halt.fault !== null;
  halt.freezeForFault(why);
  if (known) return;
  recorder.owe({
    fields: { kind: 'containment.stopped', scope: 'all', level: 'frozen', by: 'fault', why },
    cells: [{ kind: 'level', key: 'all', value: 'frozen' }],
  });
}
