import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { personOf } from '../../../tests/faults/people.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { operate } from '../../pipeline/operate.ts';
import { release, stop } from '../../pipeline/stop/stop.ts';
import { openRevoking } from './revoking.ts';

let house: TestHouse;
let end: () => void;
beforeEach(async () => {
  house = await TestHouse.open({ revoke: '{ command: [sleep, "600"], timeout: 60s }' });
});
afterEach(async () => {
  end();
  await house.close();
  removeDirectory(house.directory);
});

const ada = () => ({ by: 'person', person: personOf(house, 'ada') }) as const;
const kill = (scope: 'agent:writer' | 'upstream:box') =>
  operate(house.house.ground, ada(), stop(house.house.halt, scope, 'killed', undefined));
const bringBack = (scope: 'agent:writer' | 'upstream:box') =>
  operate(
    house.house.ground,
    { by: 'socket' },
    release(house.house.halt, scope, 'fine', async () => null),
  );

async function entries(kind: string): Promise<readonly Entry[]> {
  return (await house.see()).entries.filter((entry) => entry.kind === kind);
}

test('P4 what is brought back is not broken afterwards: its secret is left off, and somebody is to look', async () => {
  end = await openRevoking(house.house);
  await kill('agent:writer');
  await kill('upstream:box');
  await vi.waitFor(async () => expect(await entries('containment.revoking')).toHaveLength(2), 60_000);
  await bringBack('agent:writer');
  // The other kill wants it still.
  expect(await entries('containment.revoked')).toEqual([]);
  await bringBack('upstream:box');
  await vi.waitFor(async () => expect(await entries('containment.revoked')).toHaveLength(1), 60_000);
  expect(await entries('containment.revoked')).toMatchObject([
    { upstream: 'box', proved: false, failed: expect.stringContaining('released meanwhile') },
  ]);
});

test('P4 P7 no kill is missed that is committed while the log is read at a start', async () => {
  const { store } = house.house;
  const find: typeof store.find = async function* (search) {
    yield* store.find(search);
    await kill('agent:writer');
  };
  const beside = new Proxy(store, {
    get: (of, name) => {
      const member: unknown = name === 'find' ? find : Reflect.get(of, name);
      return typeof member === 'function' ? member.bind(of) : member;
    },
  });
  end = await openRevoking({ ...house.house, store: beside });
  await vi.waitFor(async () => expect(await entries('containment.revoking')).toHaveLength(1), 60_000);
});
