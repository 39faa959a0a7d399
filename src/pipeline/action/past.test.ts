import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { followPast, recallPast } from '../../main/past/past.ts';

const HELD = `@id("three-an-hour") @reason("Three an hour are enough")
forbid (principal, action == Action::"mcp:box/write", resource)
when { context.system.operationLastHour >= 3 };

@id("refused-before") @reason("A person said no")
forbid (principal, action == Action::"mcp:box/look", resource)
when { context.system.refusedHere > 0 };
`;

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open({ rules: HELD });
  house.house.checkpoints.listenToEntries((entries) => followPast(house.rooms.past, entries));
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const write = (agent = 'writer') =>
  house.act('write', { path: `${house.directory}/work/a`, text: 'x' }, { agent });
const HOLDS = { kind: 'denied', decision: { code: 'FORBIDDEN', rules: ['three-an-hour'] } };

async function decided(): Promise<readonly Entry[]> {
  const { entries } = await house.see();
  return entries.filter(({ kind }) => kind === 'action.decided');
}

/** A process that ends without a word, and the next one on the same state. */
async function restart(): Promise<void> {
  await house.abandon();
  house = await house.reopen();
  const { store, standing, clock } = house.house;
  await recallPast(store, house.rooms.past, standing.inForce, clock.now());
}

describe('pace', () => {
  test('calls side by side see each other, so that no burst gets through before the first is recorded', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => write()));
    expect(answers.filter(({ kind }) => kind === 'result')).toHaveLength(3);
    expect(await write()).toMatchObject(HOLDS);
    expect(await write('reader')).toMatchObject({ kind: 'result' });
    // What a rule looked at stands beside the decision, so that it can be explained.
    const allowed = (await decided()).filter(
      ({ decision, agent }) => decision === 'allow' && agent === 'writer',
    );
    expect(allowed.map(({ past }) => past)).toEqual(
      [0, 1, 2].map((n) => (n === 0 ? {} : { operationLastHour: n })),
    );
  });

  test('a restart forgets nothing of it', async () => {
    for (let i = 0; i < 3; i++) await write();
    await restart();
    expect(await write()).toMatchObject(HOLDS);
  });

  test('what could not be recorded counts, and makes no first use less of one', async () => {
    house.store.faultNext('fail');
    expect(await write()).toMatchObject({ kind: 'denied', decision: { code: 'STORE_UNAVAILABLE' } });
    const step = {
      agent: 'writer',
      operation: 'mcp:box/write',
      upstream: 'box',
      namedTargets: [],
      owners: [],
      argumentsText: '',
    };
    const draft = { risk: 'draft', audience: 'self', reads: false, deletes: false };
    expect(house.rooms.past.facts(step, draft, house.house.clock.now())).toMatchObject({
      operationLastHour: 1,
      firstOperation: true,
    });
    await write();
    expect(house.rooms.past.isFirst(step)).toBe(false);
    expect((await house.store.cells('used')).map(({ key }) => key)).toEqual(['writer/mcp:box/write']);
    await restart();
    expect(house.rooms.past.isFirst(step)).toBe(false);
  });
});

test("a person's no is looked back on, from the moment that it is durable and after a restart", async () => {
  expect(await house.look('a')).toMatchObject({ kind: 'result' });
  const [{ target, operation } = { target: undefined, operation: undefined }] = await decided();
  if (target === undefined || operation === undefined) throw new Error('no target');
  const asked = { kind: 'approval.asked', approval: 'q1', agent: 'writer', operation, target } as const;
  const by = { by: 'person', person: 'ada' };
  const answered = { kind: 'approval.answered', approval: 'q1', answer: 'deny', ...by } as const;
  for (const fields of [asked, answered]) await house.house.recorder.record({ fields });
  const REFUSED = { kind: 'denied', decision: { rules: ['refused-before'] } };
  expect(await house.look('a')).toMatchObject(REFUSED);
  await restart();
  expect(await house.look('a')).toMatchObject(REFUSED);
});
