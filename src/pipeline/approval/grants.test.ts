import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, PENDING, seenIn } from '../../../tests/faults/asking.ts';
import { deny, enrol, giveGrant, personOf, question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { readLogState } from '../../main/log/log-state.ts';
import { differences } from '../../main/log/state-differences.ts';
import type { Attempt } from '../../model/action.ts';
import { operate } from '../operate.ts';
import type { Answer } from '../ports/answer.ts';
import { revokeGrant } from './grant-acts.ts';

/** A draft of which the owner is asked: what a grant can be for. */
const ASKS = `@id("ask-write") @reason("It changes a file") @review("owner")
forbid (principal, action == Action::"mcp:box/write", resource);
`;

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse({}, { rules: ASKS });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const write = (text = 'x', more: Partial<Attempt> & { path?: string } = {}): Promise<Answer> => {
  const { path = 'a.txt', ...rest } = more;
  return house.act('write', { path, text }, rest);
};
const RAN = { kind: 'result' };
const granted = () => house.rooms.grants.all();

async function ask(): Promise<void> {
  expect(await write()).toMatchObject(PENDING);
}

describe('P5 a grant', () => {
  test('is used by a call whose own answer would mark the session, which does not find itself there', async () => {
    await house.close();
    removeDirectory(house.directory);
    const marked = `@id("read-both") @review("owner") forbid (principal, action in Action::"risk:draft", resource)
when { context.system.marks.contains("untrusted") };`;
    house = await askingHouse({}, { rules: ASKS + marked });
    await ask();
    await giveGrant(house, 'ada', { times: 3 });
    expect(await write()).toMatchObject(RAN);
    expect(await write()).toMatchObject({ decision: { rules: ['ask-write', 'read-both'] } });
  });

  test('is given at a question, lets what is alike run, is counted, and used up', async () => {
    await ask();
    expect(await giveGrant(house, 'ada', { times: 3 })).toMatchObject({ ok: true });
    for (const text of ['x', 'y', 'z']) expect(await write(text)).toMatchObject(RAN);
    expect(await write('w')).toMatchObject(PENDING);
    expect(house.upstream.sent).toHaveLength(3);
    const told = await seenIn(house, 'grant.', 'approval.cancelled');
    expect(told).toMatchObject([
      {
        kind: 'grant.given',
        agent: 'writer',
        operation: 'mcp:box/write',
        person: 'ada',
        times: 3,
        rules: ['ask-write'],
        proof: { statement: { purpose: 'grant' } },
      },
      { kind: 'approval.cancelled', reason: 'granted' },
      { kind: 'grant.spent', use: 1, people: ['ada'] },
      { kind: 'grant.spent', use: 2 },
      { kind: 'grant.spent', use: 3 },
    ]);
    const id = granted()[0]?.id;
    const allowed = (await seenIn(house, 'action.decided')).filter(({ decision }) => decision === 'allow');
    expect(allowed.map((one) => one['grant'])).toEqual([id, id, id]);
    house.rooms.grants.sweep();
    expect(granted()).toEqual([]);
    expect((await seenIn(house, 'grant.ended'))[0]).toMatchObject({ reason: 'used-up', used: 3 });
  });

  test('sheds no mark: what a call under it brings is kept with its outcome', async () => {
    await ask();
    await giveGrant(house, 'ada');
    expect(await house.store.cells('mark')).toEqual([]);
    expect(await write('another')).toMatchObject(RAN);
    expect((await house.store.cells('mark')).map(({ key }) => key)).not.toEqual([]);
  });

  test('is spent once per action, however many come at once', async () => {
    await ask();
    await giveGrant(house, 'ada', { times: 3 });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => write(`at once ${n}`)));
    expect(answers.filter(({ kind }) => kind === 'result')).toHaveLength(3);
    expect(house.upstream.sent).toHaveLength(3);
    const uses = (await seenIn(house, 'grant.spent')).map((one) => one['use']);
    expect(uses).toEqual([1, 2, 3]);
  });

  test('is for this agent, operation, target and door alone', async () => {
    await ask();
    await giveGrant(house, 'ada');
    expect(await write('x', { agent: 'reader' })).toMatchObject(PENDING);
    expect(await write('x', { path: 'b.txt' })).toMatchObject(PENDING);
    expect(await house.act('post', { text: 'x' })).toMatchObject(PENDING);
    expect(granted()).toMatchObject([{ used: 0 }]);
  });

  test('discharges no review that it was not given for: a watched agent is asked about', async () => {
    await ask();
    await giveGrant(house, 'ada');
    await house.operations.stop('agent:writer', 'watched', 'look closer');
    expect(await write('y')).toMatchObject(PENDING);
    await house.operations.stop('agent:writer', 'frozen', 'no');
    expect(await write('y')).toMatchObject({ decision: { code: 'FROZEN' } });
    house.house.halt.set('agent:writer', 'live');
    expect(await write('z')).toMatchObject(RAN);
  });

  test('a no stands against it', async () => {
    await ask();
    await deny(house, 'ada');
    await write('other');
    await giveGrant(house, 'ada');
    expect(await write()).toMatchObject({ decision: { code: 'APPROVAL_DENIED' } });
    expect(await write('other')).toMatchObject(RAN);
  });

  test.each([
    ['killed', 'killed'],
    ['its rule is another', 'rules-changed'],
  ])('is void when %s', async (what, reason) => {
    await ask();
    await giveGrant(house, 'ada');
    const { standing } = house.house;
    if (what === 'killed') await house.operations.stop('agent:writer', 'killed', 'enough');
    else {
      const policies = standing.parts.policies.map((file) => ({
        ...file,
        text: file.text.replace('It changes a file', 'It changes a file for good'),
      }));
      const parts = { ...standing.parts, policies };
      const next = standing.try(parts);
      if (!next.ok) throw new Error(JSON.stringify(next.error));
      standing.replace(parts, next.value);
    }
    expect(granted()).toEqual([]);
    expect((await seenIn(house, 'grant.ended'))[0]).toMatchObject({ reason });
  });

  test('outlives a change of rules that leaves its own as it is', async () => {
    await ask();
    await giveGrant(house, 'ada');
    const { standing } = house.house;
    const more = '@id("x") forbid (principal, action, resource is Thing) when { resource.id == "x" };';
    const policies = [...standing.parts.policies, { name: 'more.cedar', text: more }];
    const next = standing.try({ ...standing.parts, policies });
    if (!next.ok) throw new Error(JSON.stringify(next.error));
    standing.replace({ ...standing.parts, policies }, next.value);
    expect(await write('y')).toMatchObject(RAN);
  });

  test('taken back by anybody’s socket, it lets nothing run any more', async () => {
    await ask();
    await giveGrant(house, 'ada');
    const act = revokeGrant(house.rooms, granted()[0]?.id ?? '');
    if (act === null) throw new Error('no grant');
    expect(await operate(house.house.ground, { by: 'socket' }, act)).toMatchObject({ ok: true });
    expect(await write('y')).toMatchObject(PENDING);
    expect((await seenIn(house, 'grant.revoked'))[0]).toMatchObject({ by: 'socket', used: 0 });
  });
});

describe('P5 what no grant is given for', () => {
  test('what reaches people outside or cannot be taken back', async () => {
    await house.act('post', { text: 'x' });
    expect(await giveGrant(house, 'ada')).toMatchObject({ ok: false, error: /one by one/ });
    await house.act('unlisted-class', {});
    expect(await giveGrant(house, 'ada')).toMatchObject({ ok: false });
    expect(granted()).toEqual([]);
  });

  test('what one person alone could not answer, or not she', async () => {
    await house.act('mixed', { text: 'x' });
    expect(await giveGrant(house, 'grace')).toMatchObject({ ok: false });
    await ask();
    expect(await giveGrant(house, 'grace')).toMatchObject({ ok: false });
    expect(granted()).toEqual([]);
  });

  test.each([{ times: 0 }, { times: 101 }, { times: 1.5 }, { forMs: 0 }, { forMs: 8 * 86_400_000 }])(
    'terms beyond the limits: %j',
    async (terms) => {
      await ask();
      expect(await giveGrant(house, 'ada', terms)).toMatchObject({ ok: false, error: /1 to 100/ });
    },
  );

  test('by the socket, or by somebody who only signed in', async () => {
    await ask();
    const { grant } = await import('./grant-acts.ts');
    const agent = house.house.standing.inForce.agents.get('writer');
    const kept = question(house);
    if (agent === undefined) throw new Error('no agent');
    const terms = { times: 1, untilMs: house.house.clock.now() + 1000 };
    const act = grant(house.rooms, kept, agent, { person: 'ada', digest: kept.approval.digest }, terms);
    for (const operator of [
      { by: 'socket' } as const,
      { by: 'person', person: personOf(house, 'ada') } as const,
    ])
      expect(await operate(house.house.ground, operator, act)).toMatchObject({ ok: false });
    expect(granted()).toEqual([]);
  });
});

describe('P5 P7 a grant over a restart', () => {
  const restart = async () => {
    house = await house.reopen();
    await enrol(house, 'ada', 'grace', 'alan');
  };

  test('goes on with what is left of it, and the log and the cells agree', async () => {
    await ask();
    await giveGrant(house, 'ada', { times: 2 });
    await write('one');
    await house.abandon();
    await restart();
    expect(granted()).toMatchObject([{ used: 1, times: 2 }]);
    const state = await readLogState(house.store, house.house.ground.instance);
    expect((await differences(state, house.store)).filter((line) => line.startsWith('grant'))).toEqual([]);
    expect(await write('two')).toMatchObject(RAN);
    expect(await write('three')).toMatchObject(PENDING);
  });

  test('a use whose record failed is used up all the same, and nothing runs', async () => {
    await ask();
    await giveGrant(house, 'ada', { times: 1 });
    house.store.faultNext('fail');
    expect(await write('one')).toMatchObject({ decision: { code: 'STORE_UNAVAILABLE' } });
    expect(await write('two')).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });

  test('one that was put beside the log lets nothing run, and is found', async () => {
    await ask();
    await giveGrant(house, 'ada', { times: 1 });
    const [one] = granted();
    await write('one');
    house.rooms.grants.sweep();
    const value = JSON.stringify({ grant: one?.id, from: 0, agent: 'writer', times: 99 });
    await house.house.recorder.record({
      fields: { kind: 'instance.gap' },
      cells: [{ kind: 'grant', key: one?.id ?? '', value }],
    });
    await house.abandon();
    await restart();
    expect(granted()).toEqual([]);
    const state = await readLogState(house.store, house.house.ground.instance);
    expect(await differences(state, house.store)).toContain(
      `grant ${one?.id} is kept, and the log knows nothing of it`,
    );
  });
});
