import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { chance } from '../../brake/chance.ts';
import { BrakeGround } from '../../brake/ground.ts';
import { stopUnderLoad } from '../../brake/rounds.ts';

/** How many stops; 100 unless LANYARD_STOPS says otherwise. Every tenth kills, on an instance of its own. */
const STOPS = Number(process.env['LANYARD_STOPS'] ?? 100);
/** When each is pulled comes of this number; another one each time unless LANYARD_SEED says which. */
const SEED = Number(process.env['LANYARD_SEED'] ?? randomInt(2 ** 31));
const AGENTS = 200;
const CALLS = 1000;
const ASKS = 500;
/** Twenty families of five processes, with a daemon in each. */
const BODIES = { runs: 20, tunnels: 100, piped: 100, tasks: 100 };
const MOST_PER_STOP_MS = 120_000;

test('P4 stops at random moments under load: none missed', {
  timeout: STOPS * MOST_PER_STOP_MS,
}, async () => {
  process.stderr.write(`LANYARD_SEED=${SEED}\n`);
  const next = chance(SEED);
  let ground = await BrakeGround.start(AGENTS);
  let cut = 0;
  for (let i = 0; i < STOPS; i++) {
    const isKill = i % 10 === 9;
    const started = performance.now();
    const seen = await stopUnderLoad(ground, {
      ...{
        scope: 'all',
        level: isKill ? 'killed' : 'frozen',
        covered: ground.agents,
        calls: CALLS,
        asks: ASKS,
      },
      pulledAt: 20 + Math.floor(next() * CALLS * 0.8),
      name: `r${i}`,
      bodies: BODIES,
    });
    cut += seen.cut;
    const tookMs = (performance.now() - started).toFixed(0);
    process.stderr.write(
      `${i + 1}: ${isKill ? 'killed' : 'frozen'}, ${seen.cut} calls cut, the last after ${seen.lastMs} ms (${tookMs} ms)\n`,
    );
    if (isKill) {
      await ground.stop();
      if (i + 1 < STOPS) ground = await BrakeGround.start(AGENTS);
      continue;
    }
    const released = await ground.ada.do('/v1/release', { scope: 'all', why: 'the next round' });
    expect(released.status).toBe(200);
    await ground.bodies.expectResumed();
    for (const { approval } of (await ground.ada.get('/v1/approvals')).body)
      await ground.ada.post(`/v1/approvals/${approval}/deny`, { why: 'the next round' });
  }
  if (STOPS % 10 !== 0) await ground.stop();
  expect(cut).toBeGreaterThan(0);
});
