import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECK } from '../../../tests/faults/check-question.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { LIMITS } from '../../base/limits.ts';
import { type CheckCorridor, openCheckCorridor } from './check-corridor.ts';
import { Unreported } from './unreported.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** A time that the test turns on. */
class Hands {
  lateMs = 0;
  now = () => 1_900_000_000_000 + this.lateMs;
  monotonicMs = () => this.lateMs;
}

interface Watch {
  readonly hands: Hands;
  readonly unreported: Unreported;
  readonly checks: CheckCorridor;
}

function watch(of: TestHouse): Watch {
  const hands = new Hands();
  const { recorder } = of.house;
  const unreported = new Unreported({
    clock: hands,
    recorder,
    logged: () => undefined,
    report: () => undefined,
  });
  return { hands, unreported, checks: openCheckCorridor({ ...of.rooms, unreported }, of.house.tokens) };
}

const WRITER = { agent: 'writer' } as const;
async function ask({ checks }: Pick<Watch, 'checks'>): Promise<string> {
  const checked = await checks.check(CHECK);
  if (checked.kind !== 'cleared') throw new Error(JSON.stringify(checked));
  checks.handOver(checked);
  return checked.action.id;
}

async function outcomes(of: TestHouse): Promise<unknown[]> {
  const { entries, report } = await of.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries
    .filter(({ kind }) => kind === 'action.outcome')
    .map(({ action, outcome, reason }) => [action, outcome, reason]);
}

const cell = (of: TestHouse) => of.store.cell('unreported', 'from');

describe('an action whose outcome nobody tells', () => {
  test('is unknown after 15 minutes, counted, and left at that', async () => {
    const one = watch(house);
    const first = await ask(one);
    one.hands.lateMs = LIMITS.unreportedMs - 1;
    const second = await ask(one);
    one.unreported.sweep();
    expect([one.unreported.size, one.unreported.count]).toEqual([2, 0]);
    one.hands.lateMs = LIMITS.unreportedMs;
    one.unreported.sweep();
    expect([one.unreported.size, one.unreported.count]).toEqual([1, 1]);
    expect(await outcomes(house)).toEqual([[first, 'unknown', 'unreported']]);
    expect(await one.checks.tell(WRITER, first, 'ok')).toMatchObject({ error: { code: 'UNKNOWN_ACTION' } });
    expect(await one.checks.tell(WRITER, second, 'ok')).toMatchObject({ ok: true });
    expect(house.house.halt.fault).toBeNull();
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
  });

  test('is no more than so many of one agent: its oldest is unknown early, and no other agent is touched', async () => {
    const { unreported } = watch(house);
    const open = (id: string, agent: string) =>
      unreported.open({ id, agent, owner: 'ada', session: 's', door: 'check', operation: 'mcp:box/look' });
    open('theirs', 'reader');
    for (let i = 0; i <= LIMITS.unreportedPerAgent; i++) open(`mine ${i}`, 'writer');
    expect([unreported.size, unreported.count]).toEqual([LIMITS.unreportedPerAgent + 1, 1]);
    expect(await unreported.isOpen(WRITER, 'mine 0')).toBe(false);
    expect(await unreported.isOpen({ agent: 'reader' }, 'theirs')).toBe(true);
  });
});

describe('P7 a restart', () => {
  async function restart(): Promise<Watch> {
    await house.abandon();
    house = await house.reopen();
    expect(house.unfinished).toEqual([]);
    const again = watch(house);
    const { recalled } = await again.unreported.start(house.store);
    await recalled;
    again.unreported.stop();
    return again;
  }

  test('P7 ends nothing that is done elsewhere: its outcome can still be told', async () => {
    const one = watch(house);
    const [told, waiting] = [await ask(one), await ask(one)];
    await one.checks.tell(WRITER, told, 'ok');
    const again = await restart();
    expect(again.unreported.size).toBe(1);
    expect(await again.checks.tell(WRITER, told, 'ok')).toMatchObject({ ok: false });
    expect(await again.checks.tell({ agent: 'reader' }, waiting, 'ok')).toMatchObject({ ok: false });
    expect(await again.checks.tell(WRITER, waiting, 'failed')).toMatchObject({ ok: true });
    expect(await cell(house)).toBeNull();
    expect(await outcomes(house)).toEqual([
      [told, 'ok', undefined],
      [waiting, 'failed', undefined],
    ]);
  });

  test('P7 counts the time in which nothing ran', async () => {
    const waiting = await ask(watch(house));
    const again = await restart();
    // The hands show another year than the entry.
    again.unreported.sweep();
    expect(await outcomes(house)).toEqual([[waiting, 'unknown', 'unreported']]);
  });

  test('P7 finds an action that began while the end of the last one could not be written', async () => {
    const one = watch(house);
    const first = await ask(one);
    house.store.faultNext('fail');
    expect(await one.checks.tell(WRITER, first, 'ok')).toMatchObject({ ok: false });
    const second = await ask(one);
    const again = await restart();
    expect([again.unreported.size, await again.unreported.isOpen(WRITER, second)]).toEqual([1, true]);
  });

  test('P7 finds an action that began while the end of the last one was being written', async () => {
    const one = watch(house);
    const first = await ask(one);
    house.store.faultNext('hold');
    const telling = one.checks.tell(WRITER, first, 'ok');
    const held = await house.store.held();
    const asking = ask(one);
    held.release();
    await telling;
    const second = await asking;
    const again = await restart();
    expect([again.unreported.size, await again.unreported.isOpen(WRITER, second)]).toEqual([1, true]);
  });

  test('P7 of an instance that was asked nothing here reads nothing back', async () => {
    await house.look('a');
    expect(await cell(house)).toBeNull();
    expect((await restart()).unreported.size).toBe(0);
  });
});
