import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, PENDING, seenIn } from '../../../tests/faults/asking.ts';
import { answering } from '../../../tests/faults/counting-upstream.ts';
import { approve, question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import type { Attempt } from '../../model/action.ts';
import { CAN_NOTHING } from '../../model/ask.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const post = (more: Partial<Attempt> = {}, text = 'hello') => house.act('post', { text }, more);
const seen = (...prefixes: string[]) => seenIn(house, ...prefixes);

describe('P5 the state of what it is done to', () => {
  const CATALOG = `  unlisted-class: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Nothing, state: { operation: look, arguments: { id: "it" }, version: sha } }
`;
  const ASKS = `@id("ask-state") @review("owner") forbid (principal, action == Action::"mcp:box/unlisted-class", resource);
`;
  let sha: string | null = 'one';
  const change = () => house.act('unlisted-class', {});
  const changes = () => house.upstream.sent.filter(({ name }) => name === 'unlisted-class').length;

  beforeEach(async () => {
    await house.close();
    removeDirectory(house.directory);
    house = await askingHouse({}, { rules: ASKS, catalog: CATALOG });
    sha = 'one';
    house.upstream.behaviour = ({ name }) =>
      answering(name === 'look' && sha !== null ? JSON.stringify({ sha }) : 'done');
  });

  test('is read by the agent’s own right when it is asked and when it is spent; the same, it runs', async () => {
    expect(await change()).toMatchObject(PENDING);
    await approve(house, 'ada');
    expect(await change()).toMatchObject({ kind: 'result' });
    expect(changes()).toBe(1);
    const looks = (await seen('action.decided')).filter(({ operation }) => operation === 'mcp:box/look');
    expect(looks).toMatchObject([{ decision: 'allow' }, { decision: 'allow' }]);
    expect(looks.every((look) => typeof look['during'] === 'string')).toBe(true);
  });

  test.each([
    ['changed', 'two'],
    ['unreadable', null],
  ])('%s, it is asked anew', async (_, now) => {
    await change();
    await approve(house, 'ada');
    const before = question(house).approval.id;
    sha = now;
    expect(await change()).toMatchObject(PENDING);
    expect(changes()).toBe(0);
    expect(question(house).approval.id).not.toBe(before);
    const told = await seen('approval.cancelled', 'approval.asked');
    expect(told.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['approval.asked', undefined],
      ['approval.cancelled', 'target-changed'],
      ['approval.asked', 'target-changed'],
    ]);
  });
});

describe('P5 a client of 2026-07-28 that can be sent to a page', () => {
  const control = { signal: new AbortController().signal, can: { ...CAN_NOTHING, url: true } };
  const say = (more: Partial<Attempt> = {}, text = 'hello') =>
    house.act('post', { text }, { control, ...more });

  test('is sent to the question, and goes on with the answer, once', async () => {
    house.house.electorate.url = 'http://localhost:7702';
    const first = await say();
    const { id } = question(house).approval;
    expect(first).toMatchObject({
      kind: 'input-required',
      requests: {
        approval: {
          method: 'elicitation/create',
          params: { mode: 'url', url: `http://localhost:7702/approvals/${id}` },
        },
      },
    });
    const state = first.kind === 'input-required' ? first.state : '';
    const continues = { state, responses: { approval: { action: 'accept' } } };
    expect(await say({ continues })).toMatchObject(PENDING);
    expect(await say({ continues, agent: 'reader' })).toMatchObject({ problem: { code: 'STATE_FOREIGN' } });
    expect(await say({ continues }, 'other')).toMatchObject({ problem: { code: 'STATE_DIFFERS' } });
    await approve(house, 'ada');
    expect(await say({ continues })).toMatchObject({ kind: 'result' });
    expect(await say({ continues })).toMatchObject({ kind: 'refused', problem: { code: 'STATE_USED' } });
    expect(house.upstream.sent).toHaveLength(1);
  });
});

describe('P5 after an apply', () => {
  test('what was asked under other rules is over: no answer counts, and it is asked anew', async () => {
    await post();
    const kept = question(house);
    const { standing } = house.house;
    const more = '@id("x") forbid (principal, action, resource is Thing) when { resource.id == "x" };';
    const parts = {
      ...standing.parts,
      policies: [...standing.parts.policies, { name: 'more.cedar', text: more }],
    };
    const next = standing.try(parts);
    if (!next.ok) throw new Error(JSON.stringify(next.error));
    standing.replace(parts, next.value);
    expect(await approve(house, 'ada', kept)).toMatchObject({ ok: false });
    expect(house.rooms.approvals.all()).toEqual([]);
    expect((await seen('approval.cancelled'))[0]).toMatchObject({ reason: 'rules-changed' });
    expect(await post()).toMatchObject(PENDING);
  });
});
