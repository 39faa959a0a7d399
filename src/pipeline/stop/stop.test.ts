import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { type Operator, operate } from '../operate.ts';
import { release, stop, stopNow } from './stop.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const SOCKET = { by: 'socket' } as const;
const halt = () => house.house.halt;

describe('a stop whose cut things take their time', () => {
  /** Something that ends late when it is frozen, and at once when it is killed. */
  function slow() {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cut = (level: string) => (level === 'frozen' ? promise : null);
    halt().register({ kind: 'process', name: 'slow', about: { agent: 'writer', owner: 'ada' }, cut });
    return resolve;
  }

  test.each(['an operator', 'a way of its own'])(
    'P4 by %s is recorded behind a kill that came meanwhile, and makes it no milder',
    async (by) => {
      const end = slow();
      const { ground, recorder } = house.house;
      const frozen =
        by === 'an operator'
          ? operate(ground, SOCKET, stop(halt(), 'agent:writer', 'frozen', undefined))
          : stopNow({ halt: halt(), recorder }, 'agent:writer', 'frozen', { by: 'sentinel' }).recorded;
      await expect.poll(() => halt().levels.get('agent:writer')).toBe('frozen');
      await operate(ground, SOCKET, stop(halt(), 'agent:writer', 'killed', undefined));
      end();
      await frozen;
      expect(await house.store.cell('level', 'agent:writer')).toBe('killed');
      const { entries } = await house.see();
      const stops = entries.filter(({ kind }) => kind === 'containment.stopped');
      expect(stops).toMatchObject([{ level: 'killed' }, { level: 'killed', asked: 'frozen' }]);
    },
  );

  test('is in the log before its release is, so that no start finds it standing behind that', async () => {
    const end = slow();
    const stopping = operate(house.house.ground, SOCKET, stop(halt(), 'agent:writer', 'frozen', undefined));
    await expect.poll(() => halt().levels.get('agent:writer')).toBe('frozen');
    const releasing = operate(
      house.house.ground,
      SOCKET,
      release(halt(), 'agent:writer', 'fine', async () => null),
    );
    await house.house.recorder.record({ fields: { kind: 'instance.coverage' } });
    expect(halt().levels.get('agent:writer')).toBe('frozen');
    end();
    expect(await releasing).toMatchObject({ ok: true });
    await stopping;
    expect(await house.store.cell('level', 'agent:writer')).toBeNull();
    const { entries } = await house.see();
    const kinds = entries.map(({ kind }) => kind).filter((kind) => kind.startsWith('containment.'));
    expect(kinds).toEqual(['containment.stopped', 'containment.released']);
  });
});

describe('the very same stop again', () => {
  const stops = async () => (await house.see()).entries.filter(({ kind }) => kind.startsWith('containment.'));
  const give = (why?: string, operator: Operator = SOCKET) =>
    operate(house.house.ground, operator, stop(halt(), 'agent:writer', 'frozen', why));
  const told = { scope: 'agent:writer', level: 'frozen', by: 'socket' };

  test('P4 is one entry at once, and one that counts the others; by another, or for another reason, it is its own', async () => {
    const ada: Operator = { by: 'person', person: { id: 'ada', name: 'Ada', roles: [] } };
    const all = [...Array.from({ length: 50 }, () => give('now')), give('other'), give('now', ada)];
    expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true);
    const own = [
      { ...told, why: 'now' },
      { ...told, why: 'other' },
      { ...told, by: 'person', person: 'ada', why: 'now' },
    ];
    expect(await stops()).toMatchObject(own);
    await halt().records.repeats.flush();
    const [first, , , counted, ...more] = await stops();
    expect(counted).toMatchObject({ ...own[0], repeats: 49, since: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(first).not.toHaveProperty('repeats');
    expect(more).toEqual([]);
    // What is counted is told by itself, when its time has come.
    await Promise.all([give('later'), give('later')]);
    await expect
      .poll(async () => (await stops()).at(-1), { timeout: 30_000 })
      .toMatchObject({ why: 'later', repeats: 1 });
  });

  test('P4 stands before a release that comes meanwhile, and after one it is a stop of its own', async () => {
    await give();
    await give();
    const released = release(halt(), 'agent:writer', 'fine', async () => null);
    expect(await operate(house.house.ground, SOCKET, released)).toMatchObject({ ok: true });
    await give();
    await halt().records.repeats.flush();
    expect(await stops()).toMatchObject([
      told,
      { ...told, repeats: 1 },
      { kind: 'containment.released' },
      { kind: 'containment.stopped', ...told },
    ]);
    expect((await stops())[3]).not.toHaveProperty('repeats');
    expect(await house.store.cell('level', 'agent:writer')).toBe('frozen');
  });

  test('says what holds by then, and waits for nothing that the first one cut', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cut = (level: string) => (level === 'frozen' ? promise : null);
    halt().register({ kind: 'call', name: 'slow', about: { agent: 'writer', owner: 'ada' }, cut });
    const both = [give(), give()];
    await expect.poll(() => halt().levels.get('agent:writer')).toBe('frozen');
    resolve();
    await Promise.all(both);
    await operate(house.house.ground, SOCKET, stop(halt(), 'agent:writer', 'killed', undefined));
    await halt().records.repeats.flush();
    const [first, killed, counted, ...more] = await stops();
    expect(first).toMatchObject({ ...told, cut: { counts: { call: 1 } } });
    expect(killed).toMatchObject({ level: 'killed' });
    expect(counted).toMatchObject({ level: 'killed', asked: 'frozen', repeats: 1 });
    expect(counted).not.toHaveProperty('cut');
    expect(more).toEqual([]);
  });

  test('P4 is owed with the first one where that cannot be recorded: none is lost', async () => {
    house.store.faultNext('fail', 'containment.stopped');
    const done = await Promise.all([give(), give(), give()]);
    expect(done).toMatchObject(done.map(() => ({ ok: true, value: { unrecorded: expect.any(String) } })));
    await house.house.recorder.record({ fields: { kind: 'instance.coverage' } });
    await halt().records.repeats.flush();
    expect((await stops()).map(({ repeats = 1 }) => Number(repeats)).reduce((a, b) => a + b, 0)).toBe(3);
  });
});
