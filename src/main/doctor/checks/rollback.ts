import { join } from 'node:path';
import type { Check } from '../check.ts';
import type { FullScene } from './store.ts';

/** Puts the state as it lay at the crash beside what a witness kept since. Ends the instance. */
export const rollback: Check<FullScene> = {
  id: 'witness',
  control: 'A log that was set back is found by what a witness kept',
  async run({ disks: [disk], older }) {
    if (disk === undefined) throw new Error('there is no instance to set back');
    const { sibling, witness } = disk;
    await sibling.end();
    const verify = ['log', 'verify', '--against', witness];
    const [now, before] = await Promise.all([
      sibling.run(verify),
      sibling.run(verify, join(older, 'lanyard.yaml')),
    ]);
    const last = (text: string) => text.trim().split('\n').at(-1) ?? '';
    return [
      {
        surface: 'the log, a file outside the state',
        did: 'verified it against the checkpoints that a witness kept',
        saw: last(now.stdout) || last(now.stderr),
        fired: now.code === 0,
      },
      {
        surface: 'an older copy of the state',
        did: 'verified that against the same',
        saw: last(before.stdout) || last(before.stderr),
        fired: before.code === 3,
      },
    ];
  },
};
