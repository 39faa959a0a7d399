import { expect, test } from 'vitest';
import { runKillLoop } from './kill-loop.ts';

const KILLS = 12;

test('P1 P6 P7 hold over a dozen random kills under load (npm run faults: hundreds)', {
  timeout: 300_000,
}, async () => {
  const result = await runKillLoop(KILLS, () => undefined);
  expect(result.kills).toBe(KILLS);
  expect(result.executed).toBeGreaterThan(0);
  expect(result.answered).toMatchObject({ ok: expect.any(Number), 'denied FORBIDDEN': expect.any(Number) });
});
