import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../tests/faults/test-house.ts';
import { operate } from './operate.ts';
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
