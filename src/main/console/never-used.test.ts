import { afterEach, beforeEach, expect, test } from 'vitest';
import { askingHouse } from '../../../tests/faults/asking.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { Uses } from '../evidence/uses.ts';
import { inventoryNow } from './agents.ts';
import { NeverUsed } from './never-used.ts';

let open: TestHouse;
beforeEach(async () => {
  open = await askingHouse();
});
afterEach(async () => {
  await open.close();
  removeDirectory(open.directory);
});

/** The same, counted over a whole inventory. */
async function anew(): Promise<ReadonlyMap<string, number>> {
  const { rows } = await inventoryNow(open.house, new Uses());
  const counts = new Map<string, number>();
  for (const { agent, rules, neverUsed, risk } of rows)
    if (neverUsed && rules === 'allow' && risk !== 'read') counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return counts;
}

test('what is kept of what agents never did is what an inventory says, after a use and a stop too', async () => {
  const kept = new NeverUsed(new Uses());
  const before = (await kept.count(open.house)).get('writer') ?? 0;
  expect(before).toBeGreaterThan(0);
  expect(await kept.count(open.house)).toEqual(await anew());
  expect(await open.act('write', { path: 'a.txt', text: 'one' })).toMatchObject({ kind: 'result' });
  expect((await kept.count(open.house)).get('writer') ?? 0).toBe(before - 1);
  expect(await kept.count(open.house)).toEqual(await anew());
  await open.operations.stop('agent:writer', 'frozen', 'look');
  expect((await kept.count(open.house)).has('writer')).toBe(false);
  expect(await kept.count(open.house)).toEqual(await anew());
});
