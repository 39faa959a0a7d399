import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../../base/limits.ts';
import { SENTINEL } from '../../../control/brake/sentinel.ts';
import type { Check, Sight } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';
import { mustNotPass } from '../tries.ts';

/** Ways to stop that pass neither the doors nor the operator socket; the file is taken away before it is called. */
export const outsideStops: Check<LaboratoryScene> = {
  id: 'stop-outside',
  control: 'The file STOP and SIGUSR2 freeze everything, and taking the file away releases nothing',
  async run({ sibling, canary, web }) {
    const call = { agent: canary, surface: 'HTTP, 2026-07-28', server: web, tool: 'look', args: {} } as const;
    const file = join(sibling.directory, 'state', SENTINEL);
    const sights: Sight[] = [];
    writeFileSync(file, '');
    await seen(sibling);
    rmSync(file);
    sights.push(await mustNotPass('wrote the file STOP, took it away, then called', call, ['FROZEN']));
    await release(sibling);
    process.kill(sibling.pid, 'SIGUSR2');
    await seen(sibling);
    sights.push(await mustNotPass('sent SIGUSR2, then called', call, ['FROZEN']));
    await release(sibling);
    return sights;
  },
};

/** Until it says that everything is stopped, or has had time enough; then the call shows which. */
async function seen(sibling: LaboratoryScene['sibling']): Promise<void> {
  for (let tries = 0; tries < LIMITS.doctorProbeMs / LIMITS.sentinelMs; tries++) {
    const { json } = await sibling.tell('GET /v1/status');
    const levels = json['levels'];
    if (typeof levels === 'object' && levels !== null && 'all' in levels) return;
    await pause(LIMITS.sentinelMs);
  }
}

async function release(sibling: LaboratoryScene['sibling']): Promise<void> {
  const released = await sibling.tell('POST /v1/release', { scope: 'all', why: 'doctor goes on' });
  if (released.status !== 200) throw new Error(`the release was refused: ${JSON.stringify(released.json)}`);
}
