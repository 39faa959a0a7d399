import { expect, test } from 'vitest';
import { runKillLoop } from '../kill-loop.ts';

/** How many kills; 200 unless LANYARD_KILLS says otherwise. */
const KILLS = Number(process.env['LANYARD_KILLS'] ?? 200);
const MOST_PER_KILL_MS = 30_000;

test(`P1 P6 P7 hold over ${KILLS} random kills under load`, {
  timeout: KILLS * MOST_PER_KILL_MS,
}, async () => {
  const started = performance.now();
  const result = await runKillLoop(KILLS, (line) => {
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0)} s: ${line}\n`);
  });
  process.stderr.write(`${JSON.stringify(result)}\n`);
  expect(result.kills).toBe(KILLS);
  expect(result.executed).toBeGreaterThan(0);
  expect(result.unknown).toBeGreaterThan(0);
});
