import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../../base/limits.ts';
import { CanaryAgent } from '../agent.ts';
import { sendJson } from '../canary-person.ts';
import type { CanaryServer } from '../canary-server.ts';
import type { Check, Sight } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';
import { mustNotPass, mustPass } from '../tries.ts';

const STOPPED = 'agent:canary';
const CODE = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}/;

/**
 * Ways to stop that a person has with her where nothing else of the instance can be reached. She claims it first: what
 * widens needs her passkey from here on.
 */
export const brakeStops: Check<LaboratoryScene> = {
  id: 'stop-brake',
  control: "A stop by the brake's port and one by the channel that is polled take effect",
  async run({ sibling, person, web, topic, brake }) {
    await person.claim(sibling);
    const { token } = await person.do('/v1/agents/canary/token');
    const canary = new CanaryAgent(sibling.url, String(token));
    const call = { agent: canary, surface: 'HTTP, 2026-07-28', server: web, tool: 'look', args: {} } as const;
    const sights: Sight[] = [await mustPass('called before any stop', call)];
    const { key } = await person.do('/v1/stop-keys');
    const wrong = await stop(brake, `lyb_00000000_${'x'.repeat(43)}`);
    sights.push(
      {
        surface: "the brake's port",
        did: "asked for a stop with a key that is nobody's",
        saw: `HTTP ${wrong}`,
        fired: wrong === 401 || wrong === 403,
      },
      await mustPass('called after that', call),
    );
    const status = await stop(brake, String(key));
    sights.push(
      await mustNotPass(`stopped at the brake's port (HTTP ${status}), then called`, call, ['FROZEN']),
    );
    await person.release(STOPPED);
    sights.push(await mustPass('called after the release', call));
    const { page } = await person.do('/v1/stop-page');
    const code = CODE.exec(String(page))?.[0] ?? '';
    topic.publish(`lanyard-stop ${code} ${STOPPED} frozen`);
    await untilStopped(canary, web);
    sights.push(await mustNotPass('sent a code over the channel, then called', call, ['FROZEN']));
    return sights;
  },
};

async function stop(brake: number, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const { status } = await sendJson(brake, 'POST', '/stop', { what: STOPPED, level: 'frozen' }, headers);
  return status;
}

/** Until a call is held back, or it has had time enough; then the next call shows which. */
async function untilStopped(canary: CanaryAgent, { id }: CanaryServer): Promise<void> {
  for (let tries = 0; tries < LIMITS.doctorCallMs / LIMITS.sentinelMs; tries++) {
    const { kind } = await canary.call('HTTP, 2026-07-28', id, 'look', {});
    if (kind !== 'ok') return;
    await pause(LIMITS.sentinelMs);
  }
}
