import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, PENDING, seenIn } from '../../../tests/faults/asking.ts';
import { CHECK } from '../../../tests/faults/check-question.ts';
import { answering } from '../../../tests/faults/counting-upstream.ts';
import { approve, enrol, question, sign } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import type { Attempt } from '../../model/action.ts';
import { readThrough } from '../act.ts';
import { openCheckCorridor } from '../check/check-corridor.ts';
import type { CallControl } from '../ports/call.ts';
import { edit } from './approval-edit.ts';

const STRING = { type: 'string' };
const CATALOG = `  bind: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Loses it, targets: [{ type: Thing, id: "{id}" }], state: { operation: look, arguments: { id: "{id}" }, version: sha } }
`;
const RULES = `@id("binds") @review("owner") forbid (principal, action == Action::"mcp:box/bind", resource);
@id("hurries") @review("owner") @within("1m")
forbid (principal, action == Action::"mcp:box/bind", resource) when { context.input.text == "soon" };
`;

let house: TestHouse;
beforeEach(async () => {
  const properties = { id: STRING, text: STRING };
  const bind = { name: 'bind', inputSchema: { type: 'object', properties, required: ['id', 'text'] } };
  house = await askingHouse({}, { catalog: CATALOG, rules: RULES, tools: [bind] });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const post = (more: Partial<Attempt> & { control?: CallControl } = {}, text = 'hello') =>
  house.act('post', { text }, more);
const seen = (...prefixes: string[]) => seenIn(house, ...prefixes);

describe('P5 an action that a person edits', () => {
  const change = async (text: string, person = 'ada') => {
    const kept = question(house);
    const made = await edit(
      house.rooms,
      kept,
      { person, digest: kept.approval.digest, args: { text } },
      readThrough(house.rooms),
    );
    return made.ok ? sign(house, person, made.value) : made;
  };

  test('is decided anew, approved anew, runs as she made it, and the agent is told', async () => {
    await post();
    const before = question(house).approval;
    await approve(house, 'ada');
    expect(await change('hello, kindly')).toMatchObject({ ok: true });
    const { approval } = question(house);
    expect(approval).toMatchObject({
      id: before.id,
      original: { action: before.action, digest: before.digest },
    });
    expect(await post()).toMatchObject(PENDING);
    expect(await approve(house, 'ada', question(house), before.digest)).toMatchObject({ ok: false });
    await approve(house, 'ada');
    const answer = await post();
    expect(house.upstream.sent.map(({ argumentsText }) => argumentsText)).toEqual([
      '{"text":"hello, kindly"}',
    ]);
    expect(answer).toMatchObject({
      kind: 'result',
      action: approval.action,
      result: { _meta: { 'dev.lanyard/edited': { arguments: { text: 'hello, kindly' } } } },
    });
    expect(JSON.stringify(answer)).toContain('ada changed the arguments');
    const [edited] = await seen('approval.edited');
    expect(edited).toMatchObject({ was: before.digest, digest: approval.digest, person: 'ada' });
    const decided = await seen('action.decided');
    expect(decided.map(({ action, decision }) => [action, decision])).toEqual([
      [before.action, 'review'],
      [approval.action, 'allow'],
    ]);
  });

  test('whose upstream asks for input first goes on as she made it, and the agent is told at its end', async () => {
    await post();
    await change('kindly');
    await approve(house, 'ada');
    house.upstream.behaviour = () => ({ kind: 'input-required', requests: {}, state: 'theirs' });
    const paused = await post();
    if (paused.kind !== 'input-required') throw new Error(JSON.stringify(paused));
    house.upstream.behaviour = () => answering('done');
    const continues = { state: paused.state, responses: {} };
    expect(await post({ continues }, 'something else')).toMatchObject({ problem: { code: 'STATE_DIFFERS' } });
    expect(await post({ continues })).toMatchObject({
      kind: 'result',
      action: paused.action,
      result: { _meta: { 'dev.lanyard/edited': { arguments: { text: 'kindly' } } } },
    });
    expect(house.upstream.sent.map(({ argumentsText }) => argumentsText)).toEqual([
      '{"text":"kindly"}',
      '{"text":"kindly"}',
    ]);
  });

  test('whose client is older, and is asked while its call waits, goes on as she made it too', async () => {
    await post();
    await change('kindly');
    await approve(house, 'ada');
    const ask = () => Promise.resolve({ kind: 'gone' } as const);
    let rounds = 0;
    house.upstream.behaviour = () =>
      ++rounds === 1 ? { kind: 'input-required', requests: {}, state: 'theirs' } : answering('done');
    const control = { signal: new AbortController().signal, ask };
    expect(await post({ control })).toMatchObject({
      kind: 'result',
      result: {
        content: [{ text: expect.stringContaining('ada changed the arguments') }, { text: 'done' }],
        _meta: { 'dev.lanyard/edited': { arguments: { text: 'kindly' } } },
      },
    });
    expect(rounds).toBe(2);
  });

  test('over a restart it is still what she made of it; changed on disk it is nothing', async () => {
    await post();
    await change('kindly');
    await approve(house, 'ada');
    const kept = question(house);
    const forged = { ...kept, edited: { ...kept.edited, arguments: { text: 'cruelly' } } };
    await house.abandon();
    house = await house.reopen();
    await enrol(house, 'ada', 'grace', 'alan');
    await house.house.recorder.record({
      fields: { kind: 'instance.gap' },
      cells: [{ kind: 'approval', key: kept.approval.id, value: JSON.stringify(forged) }],
    });
    await house.close();
    house = await house.reopen();
    await enrol(house, 'ada', 'grace', 'alan');
    expect(await post()).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });

  test.each([
    ['by somebody whom it does not ask', () => change('x', 'grace')],
    ['into what may not be stored', () => change('password: hunter2hunter2')],
  ])('not %s', async (_, attempt) => {
    await post();
    expect(await attempt()).toMatchObject({ ok: false });
    expect(question(house).edited).toBeUndefined();
  });

  test('not at the check door, where the answer is the execution of what was asked about', async () => {
    const checks = openCheckCorridor(house.rooms, house.house.tokens);
    const ask = (text: string) => checks.check({ ...CHECK, name: 'post', arguments: { text } });
    expect(await ask('cruelly')).toMatchObject(PENDING);
    expect(await change('kindly')).toMatchObject({ ok: false, error: { code: 'EDIT_ELSEWHERE' } });
    // As an earlier version may have left it, with a yes to the edit.
    const kept = question(house);
    Object.assign(kept, { asked: { ...kept.asked, door: 'mcp' } });
    expect(await change('kindly')).toMatchObject({ ok: true });
    await approve(house, 'ada');
    Object.assign(kept, { asked: { ...kept.asked, door: 'check' } });
    expect(await ask('cruelly')).toMatchObject(PENDING);
    expect(kept.approval.phase).toBe('cancelled');
  });
});

describe('P5 an edit of what is bound to the version of its target', () => {
  let versions: Record<string, string>;
  beforeEach(() => {
    versions = { one: 'a', two: 'b' };
    house.upstream.behaviour = ({ name, argumentsText }) =>
      name === 'look' ? answering(`{"sha":"${versions[JSON.parse(argumentsText).id]}"}`) : answering('done');
  });
  const bind = (id = 'one', text = 'now') => house.act('bind', { id, text });
  const change = async (args: { readonly id: string; readonly text: string }) => {
    const kept = question(house);
    const made = await edit(
      house.rooms,
      kept,
      { person: 'ada', digest: kept.approval.digest, args },
      readThrough(house.rooms),
    );
    return made.ok ? sign(house, 'ada', made.value) : made;
  };
  const bound = () =>
    house.upstream.sent.filter(({ name }) => name === 'bind').map((one) => one.argumentsText);

  test('reads the version for Lanyard alone: it marks no session, though the agent that reads it is marked', async () => {
    await bind();
    await house.act('look', { id: 'one' });
    const decided = await seen('action.decided');
    expect(decided.map(({ operation, during, brings }) => [operation, during !== undefined, brings])).toEqual(
      [
        ['mcp:box/look', true, undefined],
        ['mcp:box/bind', false, undefined],
        ['mcp:box/look', false, ['untrusted', 'secret']],
      ],
    );
    expect(decided.map(({ marks }) => marks)).toEqual([undefined, undefined, undefined]);
  });

  test('to another target is bound to the version of that one, and runs', async () => {
    expect(await bind()).toMatchObject(PENDING);
    expect(await change({ id: 'two', text: 'now' })).toMatchObject({ ok: true });
    await approve(house, 'ada');
    expect(await bind()).toMatchObject({ kind: 'result' });
    expect(bound()).toEqual(['{"id":"two","text":"now"}']);
    const [asked] = await seen('approval.asked');
    const [edited] = await seen('approval.edited');
    expect(edited?.['state']).toMatch(/^sha256:/);
    expect(edited?.['state']).not.toBe(asked?.['state']);
  });

  test('is asked about anew, as the agent asked, where that one changed after the yes; and once', async () => {
    await bind();
    const first = question(house);
    await change({ id: 'two', text: 'now' });
    await approve(house, 'ada');
    versions['two'] = 'c';
    expect(await bind()).toMatchObject(PENDING);
    expect(first.cancelledFor).toBe('target-changed');
    const { edited } = question(house);
    expect(edited).toBeUndefined();
    await approve(house, 'ada');
    expect(await bind()).toMatchObject({ kind: 'result' });
    expect(bound()).toEqual(['{"id":"one","text":"now"}']);
  });

  test('of the same target keeps the version that it was asked about', async () => {
    await bind();
    versions['one'] = 'c';
    expect(await change({ id: 'one', text: 'later' })).toMatchObject({ ok: true });
    await approve(house, 'ada');
    expect(await bind()).toMatchObject(PENDING);
    expect(bound()).toEqual([]);
  });

  test('waits no longer than a rule gives that asks about nothing but the edit', async () => {
    await bind();
    const before = question(house).approval.expiresAtMs;
    await change({ id: 'one', text: 'soon' });
    const { expiresAtMs } = question(house).approval;
    expect(expiresAtMs).toBeLessThanOrEqual(house.house.clock.now() + 60_000);
    expect(expiresAtMs).toBeLessThan(before);
    await house.abandon();
    house = await house.reopen();
    expect(question(house).approval.expiresAtMs).toBe(expiresAtMs);
  });
});
