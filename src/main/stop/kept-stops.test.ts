import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { personOf } from '../../../tests/faults/people.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { type Operator, operate } from '../../pipeline/operate.ts';
import { stop } from '../../pipeline/stop/stop.ts';
import { killOf } from '../revoke/due.ts';
import { takeUpStops } from './kept-stops.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** The entry that the next start writes of a kill whose own was lost. */
async function taken(operator: Operator) {
  const path = join(house.directory, 'stops');
  await takeUpStops(house.house, path);
  house.store.isDown = true;
  await operate(house.house.ground, operator, stop(house.house.halt, 'agent:writer', 'killed', undefined));
  await house.abandon();
  house = await house.reopen();
  await takeUpStops(house.house, path);
  expect(house.house.halt.levels.get('agent:writer')).toBe('killed');
  const { entries } = await house.see();
  return entries.filter(({ kind }) => kind === 'containment.stopped');
}

test('P4 a kill by a person whose entry was lost in a crash revokes secrets after the restart', async () => {
  const [entry, ...more] = await taken({ by: 'person', person: personOf(house, 'ada') });
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ by: 'start', level: 'killed', proven: true });
  expect(entry === undefined ? null : killOf(entry)).toMatchObject({ scope: 'agent:writer' });
});

test('and one by the socket does not', async () => {
  const [entry] = await taken({ by: 'socket' });
  expect(entry).toMatchObject({ by: 'start', level: 'killed' });
  expect(entry === undefined ? null : killOf(entry)).toBeNull();
});

test('P4 one by a person over an older kill by the socket revokes as well, once', async () => {
  const path = join(house.directory, 'stops');
  const kill = (operator: Operator) =>
    operate(house.house.ground, operator, stop(house.house.halt, 'agent:writer', 'killed', undefined));
  await takeUpStops(house.house, path);
  await kill({ by: 'socket' });
  await house.house.recorder.checkpoint();
  house.store.isDown = true;
  await kill({ by: 'person', person: personOf(house, 'ada') });
  for (const _ of ['lost', 'in the log by then']) {
    await house.abandon();
    house = await house.reopen();
    await takeUpStops(house.house, path);
    const { entries } = await house.see();
    const stops = entries.filter(({ kind }) => kind === 'containment.stopped');
    expect(stops.map(({ by }) => by)).toEqual(['socket', 'start']);
    expect(stops.flatMap((entry) => killOf(entry) ?? [])).toMatchObject([{ scope: 'agent:writer' }]);
  }
});
