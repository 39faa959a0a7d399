import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { systemClock } from '../../base/clock.ts';
import { createIds } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { Appeals } from './appeals.ts';

let house: TestHouse;
let turnedMs: number;
const told: string[] = [];
beforeEach(async () => {
  house = await TestHouse.open();
  turnedMs = 0;
  told.length = 0;
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const clock = { ...systemClock, now: () => systemClock.now() + turnedMs };
const appealsOf = ({ house: { recorder } }: TestHouse): Appeals =>
  new Appeals({ clock, ids: createIds(clock), recorder, report: (line) => told.push(line) });

async function make(appeals: Appeals, question: string): Promise<string> {
  const agent = house.rooms.inForce().agents.get('writer');
  if (agent === undefined) throw new Error('no writer');
  const made = await appeals.make(agent, 'question', { question }, 'sha256:');
  return made.ok ? made.value.id : made.error.code;
}
/** A start after so long: what it finds, and what stands in the state once everything is recorded. */
async function startAfter(ms: number): Promise<Appeals> {
  turnedMs += ms;
  const next = appealsOf(house);
  await next.recall(house.store);
  next.start();
  next.stop();
  await house.house.recorder.checkpoint();
  return next;
}
const texts = async () => (await house.store.cells('appeal')).map(({ key }) => key).sort();
const expired = async () =>
  (await house.see()).entries.filter(({ kind }) => kind === 'appeal.expired').map((one) => one['appeal']);

describe('what agents wrote to people', () => {
  test.each([
    ['a day', LIMITS.appealMs + LIMITS.endedAppealMs / 2],
    ['a month', 30 * 24 * 3600 * 1000],
  ])('goes at the start, however long nothing ran: %s past its time', async (_, ms) => {
    const made = [await make(appealsOf(house), 'May I?'), await make(appealsOf(house), 'And now?')];
    expect(await texts()).toEqual([...made].sort());
    expect((await startAfter(1000)).all()).toHaveLength(2);
    expect(await texts()).toHaveLength(2);
    expect((await startAfter(ms)).all()).toEqual([]);
    expect(await texts()).toEqual([]);
    expect((await expired()).sort()).toEqual([...made].sort());
    expect((await startAfter(1000)).all()).toEqual([]);
    expect(await expired()).toHaveLength(2);
  });

  test('of before is not mistaken for the same words of today', async () => {
    const before = await make(appealsOf(house), 'May I?');
    const appeals = await startAfter(30 * 24 * 3600 * 1000);
    const today = await make(appeals, 'May I?');
    expect(today).not.toBe(before);
    expect(await texts()).toEqual([today]);
  });
});
