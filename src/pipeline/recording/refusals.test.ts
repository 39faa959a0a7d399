import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { Refusals } from './refusals.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 20, 12, 0, 0);

let house: TestHouse;
let nowMs: number;
let refusals: Refusals;
beforeEach(async () => {
  house = await TestHouse.open();
  nowMs = START_MS;
  refusals = new Refusals({ now: () => nowMs, monotonicMs: () => nowMs }, house.house.recorder);
});
afterEach(async () => {
  vi.useRealTimers();
  await house.close();
  removeDirectory(house.directory);
});

async function refused() {
  const { entries, report } = await house.see();
  expect(report.holds).toBe(true);
  return entries
    .filter((entry) => entry.kind === 'instance.refused')
    .map(({ agent, code, count, minute }) => ({ agent, code, count, minute }));
}

describe('refusals', () => {
  test('are one entry for each agent, code and minute, however many they are', async () => {
    for (let i = 0; i < 10_000; i++) refusals.count('writer', 'BAD_JSON');
    refusals.count('writer', 'TOO_DEEP');
    refusals.count('reader', 'BAD_JSON');
    refusals.count(null, 'TOKEN_REFUSED');
    expect(await refused()).toEqual([]);
    nowMs += MINUTE_MS;
    refusals.count('writer', 'BAD_JSON');
    const minute = toInstant(START_MS);
    expect(await refused()).toEqual([
      { agent: 'writer', code: 'BAD_JSON', count: 10_000, minute },
      { agent: 'writer', code: 'TOO_DEEP', count: 1, minute },
      { agent: 'reader', code: 'BAD_JSON', count: 1, minute },
      { agent: undefined, code: 'TOKEN_REFUSED', count: 1, minute },
    ]);
    refusals.flush();
    expect((await refused()).at(-1)).toMatchObject({ count: 1, minute: toInstant(START_MS + MINUTE_MS) });
  });

  test('are written when the minute ends, though nothing more comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    nowMs = START_MS + 20_000;
    refusals.count('writer', 'BAD_JSON');
    vi.advanceTimersByTime(39_999);
    expect(await refused()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await refused()).toMatchObject([{ count: 1, minute: toInstant(START_MS) }]);
  });

  test('reach the count through the corridor, with and without an agent', async () => {
    house.corridor.refused('writer', problem('BAD_JSON', { what: 'x', at: 1 }));
    house.corridor.refused(null, problem('TOKEN_MISSING'));
    house.house.refusals.flush();
    expect(await refused()).toMatchObject([{ agent: 'writer', code: 'BAD_JSON' }, { code: 'TOKEN_MISSING' }]);
  });

  test('that cannot be written are counted on', async () => {
    refusals.count('writer', 'BAD_JSON');
    house.store.faultNext('fail');
    refusals.flush();
    await house.house.recorder.checkpoint().catch(() => undefined);
    refusals.count('writer', 'BAD_JSON');
    refusals.flush();
    expect(await refused()).toMatchObject([{ code: 'BAD_JSON', count: 2 }]);
  });
});
