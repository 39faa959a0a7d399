import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { CanaryAgent } from '../agent.ts';
import type { Check } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';

/** Puts an older copy of the state beside what a witness kept. The instance must have ended; it is started once more. */
export const rollback: Check<LaboratoryScene> = {
  id: 'witness',
  control: 'A log that was set back is found by what a witness kept',
  async run({ sibling, ground, witness }) {
    const old = ground.path('set-back');
    cpSync(sibling.directory, old, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    await sibling.start();
    const agent = new CanaryAgent(sibling.url, await sibling.token('canary'));
    await agent.call('HTTP, 2026-07-28', 'web', 'look', {});
    await sibling.end();
    const verify = ['log', 'verify', '--against', witness];
    const [now, before] = await Promise.all([
      sibling.run(verify),
      sibling.run(verify, join(old, 'lanyard.yaml')),
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
