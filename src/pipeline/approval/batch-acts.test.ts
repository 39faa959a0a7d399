import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, PENDING, seenIn } from '../../../tests/faults/asking.ts';
import { approve, approveAll, deny, personOf, question, sign } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { operate } from '../operate.ts';
import { approvalFields } from './approval-entries.ts';
import { approveBatch } from './batch-acts.ts';

const ASKS = `@id("ask-write") @reason("It changes a file") @review("owner")
forbid (principal, action == Action::"mcp:box/write", resource);
@id("ask-look") @review("owner")
forbid (principal, action == Action::"mcp:box/look", resource);
`;

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse({}, { rules: ASKS });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const write = (text: string) => house.act('write', { path: 'a.txt', text });
const all = () => house.rooms.approvals.all();

async function askThree(): Promise<void> {
  for (const text of ['one', 'two', 'three']) expect(await write(text)).toMatchObject(PENDING);
}

describe('P5 many questions answered at once', () => {
  test('each is bound to its own action, and runs once; one signature covers the list', async () => {
    await askThree();
    const answers = all().map(({ approval: { id, digest } }) => ({ approval: id, digest }));
    expect(await approveAll(house, 'ada')).toMatchObject({
      ok: true,
      value: { value: { approved: answers.map(({ approval }) => approval), open: [] } },
    });
    for (const text of ['one', 'two', 'three']) expect(await write(text)).toMatchObject({ kind: 'result' });
    expect(await write('one')).toMatchObject(PENDING);
    expect(house.upstream.sent).toHaveLength(3);
    const told = await seenIn(house, 'approval.batch', 'approval.answered');
    expect(told).toMatchObject([
      { kind: 'approval.batch', answers, person: 'ada', proof: { statement: { purpose: 'approve-batch' } } },
      ...answers.map((one) => ({ kind: 'approval.answered', ...one, answer: 'approve', person: 'ada' })),
    ]);
    expect(told.slice(1).every((one) => one['batch'] === told[0]?.['batch'])).toBe(true);
    expect(told.slice(1).every((one) => one.proof === undefined)).toBe(true);
  });

  test('where one has moved none is answered', async () => {
    await askThree();
    const [first] = all();
    const chosen = all().map((kept) => ({ kept, digest: kept.approval.digest }));
    const act = approveBatch(house.rooms, chosen, 'ada');
    await deny(house, 'ada', first);
    expect(await sign(house, 'ada', act)).toMatchObject({
      ok: false,
      error: { code: 'APPROVAL_OVER' },
    });
    expect(all().every(({ approval }) => approval.answers.every(({ answer }) => answer === 'deny'))).toBe(
      true,
    );
  });

  test('to another digest, by another person, or without a signature it counts for nothing', async () => {
    await askThree();
    const kepts = all();
    const other = `sha256:${'0'.repeat(64)}`;
    const chosen = kepts.map((kept, i) => ({ kept, digest: i === 1 ? other : kept.approval.digest }));
    expect(await sign(house, 'ada', approveBatch(house.rooms, chosen, 'ada'))).toMatchObject({ ok: false });
    expect(await approveAll(house, 'grace')).toMatchObject({ ok: false });
    const right = kepts.map((kept) => ({ kept, digest: kept.approval.digest }));
    expect(await sign(house, 'grace', approveBatch(house.rooms, right, 'ada'))).toMatchObject({ ok: false });
    for (const operator of [
      { by: 'socket' } as const,
      { by: 'person', person: personOf(house, 'ada') } as const,
    ])
      expect(
        await operate(house.house.ground, operator, approveBatch(house.rooms, right, 'ada')),
      ).toMatchObject({ ok: false });
    expect(all().every(({ approval }) => approval.answers.length === 0)).toBe(true);
  });

  test('a signature for one list is none for another', async () => {
    await askThree();
    const [a, b, c] = all();
    if (a === undefined || b === undefined || c === undefined) throw new Error('three were asked');
    const chosen = [a, b].map((kept) => ({ kept, digest: kept.approval.digest }));
    const signedFor = approveBatch(house.rooms, chosen, 'ada');
    const swapped = { ...signedFor, fields: { ...signedFor.fields, answers: [] } };
    const { issueProof } = await import('../credentials/proof.ts');
    const proof = issueProof({
      statement: {
        purpose: 'approve-batch',
        instance: house.house.ground.instance,
        person: 'ada',
        nonce: 'n',
        expiry: '2999-01-01T00:00:00.000Z',
        change: (await import('../acts/change.ts')).changeOf({ ...signedFor.fields, kind: 'approval.batch' }),
      },
      credential: '',
      authenticatorData: '',
      clientDataJSON: '',
      signature: '',
    });
    const by = { by: 'person', person: personOf(house, 'ada'), proof } as const;
    expect(await operate(house.house.ground, by, swapped)).toMatchObject({ ok: false });
  });

  test.each([
    [
      'what reaches people outside',
      async () => [await house.act('post', { text: 'a' }), await house.act('post', { text: 'b' })],
    ],
    ['what nobody classified', async () => [await house.act('unlisted-class', {}), await write('x')]],
    ['what is not alike', async () => [await house.look('a'), await write('x')]],
    ['one alone', async () => [await write('x')]],
  ])('is refused for %s', async (_, prepare) => {
    await prepare();
    expect(await approveAll(house, 'ada')).toMatchObject({ ok: false });
    expect(all().every(({ approval }) => approval.answers.length === 0)).toBe(true);
  });

  test('two batches at once, and a single answer between them, count nobody twice', async () => {
    await askThree();
    const results = await Promise.all([
      approveAll(house, 'ada'),
      approve(house, 'ada'),
      approveAll(house, 'ada', all().toReversed()),
    ]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(all().every(({ approval }) => approval.answers.length <= 1)).toBe(true);
  });
});

describe('P6 an answer that nobody signed', () => {
  const forge = async (more: object = {}) => {
    const { approval } = question(house);
    await house.house.recorder.record({
      fields: {
        ...approvalFields(approval),
        kind: 'approval.answered',
        by: 'person',
        person: 'ada',
        answer: 'approve',
        policy: approval.policy,
        ...more,
      },
    });
    return (await house.see()).report;
  };

  test('is found offline where it is about what cannot be taken back', async () => {
    await house.act('post', { text: 'x' });
    expect(await forge()).toMatchObject({ holds: false, faults: [{ code: 'unproven' }] });
  });

  test('is found where it names a list that nobody signed', async () => {
    await write('x');
    expect(await forge({ batch: 'none' })).toMatchObject({ holds: false, faults: [{ code: 'unproven' }] });
  });

  test('is found where the list that was signed does not hold it', async () => {
    await askThree();
    const [a, b] = all();
    if (a === undefined || b === undefined) throw new Error('three were asked');
    await approveAll(house, 'ada', [a, b]);
    const [batch] = await seenIn(house, 'approval.batch');
    expect(await forge({ batch: batch?.['batch'] })).toMatchObject({ faults: [{ code: 'unproven' }] });
  });

  test('holds where a session is enough', async () => {
    await write('x');
    expect(await forge()).toMatchObject({ holds: true });
  });
});
