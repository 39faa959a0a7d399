import { afterEach, beforeEach, expect, test } from 'vitest';
import { askingHouse } from '../../../tests/faults/asking.ts';
import { approve, cancelBySocket, deny, question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { createReads } from './reads.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** What the console is told of this action: in the list of what happened, in a search, and on its own page. */
async function told(action: string) {
  const around = { configPath: '', state: house.directory, environment: {} };
  const reads = createReads(house.house, around, house.operations);
  const ada = house.house.standing.inForce.people.get('ada');
  if (ada === undefined) throw new Error('nobody is ada');
  const rows = [...(await reads.overview(ada)).recent, ...(await reads.actions({})).rows];
  const story = await reads.action(action);
  return [...rows.filter((row) => row.action === action), story].map((one) => one?.question);
}
const thrice = (state: string | undefined) => [state, state, state];

test('an action that was held says how its question stands, and waits no more once that is over', async () => {
  const asked: Record<string, string> = {};
  for (const text of ['waits', 'yes', 'no', 'back']) {
    await house.act('post', { text });
    const kept = question(house);
    asked[text] = kept.approval.action;
    if (text === 'yes') await approve(house, 'ada', kept);
    if (text === 'no') await deny(house, 'ada', kept);
    if (text === 'back') await cancelBySocket(house, kept);
  }
  const of = (text: string) => told(asked[text] ?? '');
  expect(await of('waits')).toEqual(thrice('waiting'));
  expect(await of('yes')).toEqual(thrice('approved'));
  expect(await of('no')).toEqual(thrice('denied'));
  expect(await of('back')).toEqual(thrice('over'));

  // Once it has run it is a decision and an end like any other's.
  await house.act('post', { text: 'yes' });
  const rows = (
    await createReads(
      house.house,
      { configPath: '', state: house.directory, environment: {} },
      house.operations,
    ).actions({})
  ).rows;
  const ran = rows.find(({ action }) => action === asked['yes']);
  expect(ran).toMatchObject({ decision: 'allow', outcome: 'ok' });
  expect(ran).not.toHaveProperty('question');
});
