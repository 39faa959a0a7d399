import type { HaltSwitch } from './halt-switch.ts';
import type { Recorder } from './record.ts';

/**
 * Something of ours broke: everything stops, in memory at once. The entry and the stored level follow with the next
 * commit that succeeds; only a person releases it.
 */
export function freezeEverything(halt: HaltSwitch, recorder: Recorder, why: string): void {
  if (halt.fault !== null) return;
  halt.freezeForFault(why);
  recorder.owe({
    fields: { kind: 'containment.stopped', scope: 'all', level: 'frozen', by: 'fault', why },
    cells: [{ kind: 'level', key: 'all', value: 'frozen' }],
  });
}
