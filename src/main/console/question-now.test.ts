import { afterEach, beforeEach, expect, test } from 'vitest';
import { askingHouse } from '../../../tests/faults/asking.ts';
import { approve, cancelBySocket, deny, question, sign } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { readThrough } from '../../pipeline/act.ts';
import { edit } from '../../pipeline/approval/approval-edit.ts';
import { createReads } from './reads.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

function reads() {
  const around = { configPath: '', state: house.directory, environment: {} };
  return createReads(house.house, around, house.operations);
}

/** What the console is told of this action: in the list of what happened, in a search, and on its own page. */
async function told(action: string) {
  const ada = house.house.standing.inForce.people.get('ada');
  if (ada === undefined) throw new Error('nobody is ada');
  const rows = [...(await reads().overview(ada)).recent, ...(await reads().actions({})).rows];
  const story = await reads().action(action);
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
  const { rows } = await reads().actions({});
  const ran = rows.find(({ action }) => action === asked['yes']);
  expect(ran).toMatchObject({ decision: 'allow', outcome: 'ok' });
  expect(ran).not.toHaveProperty('question');
});

test('what she wrote in its place has the story of what she edited, also where it never ran', async () => {
  await house.act('post', { text: 'hello' });
  const kept = question(house);
  const { action, digest } = kept.approval;
  const change = { person: 'ada', digest, args: { text: 'hello, kindly' } };
  const made = await edit(house.rooms, kept, change, readThrough(house.rooms));
  if (!made.ok) throw new Error(made.error.sentence);
  await sign(house, 'ada', made.value);
  const edited = question(house).approval.action;
  expect(edited).not.toBe(action);
  await deny(house, 'ada', kept);
  const story = await reads().action(edited);
  expect(story).toMatchObject({ action, question: 'denied' });
  expect(story?.between.map(({ kind }) => kind)).toEqual([
    'approval.asked',
    'approval.edited',
    'approval.answered',
  ]);
  expect(await reads().action('01JD0000000000000000000000')).toBeNull();
});
