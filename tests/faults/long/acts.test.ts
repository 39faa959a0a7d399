import { expect, test } from 'vitest';
import { runActsLoop } from '../acts-loop.ts';

/** How many kills; 100 unless LANYARD_ACT_KILLS says otherwise. */
const KILLS = Number(process.env['LANYARD_ACT_KILLS'] ?? 100);
const MOST_PER_KILL_MS = 30_000;

test(`P4 P5 P6 P7 hold over ${KILLS} random kills while people act and while it starts`, {
  timeout: KILLS * MOST_PER_KILL_MS,
}, async () => {
  const killed = await runActsLoop(KILLS, (line) => process.stderr.write(`${line}\n`));
  expect(killed).toBeGreaterThanOrEqual(KILLS);
});
