import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { answering } from '../../../tests/faults/counting-upstream.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';
import type { Answer } from '../ports/answer.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open({
    rules: `@id("no-returns") @reason("Nobody goes on with this.")
forbid (principal, action, resource is Thing) when { context.system has responses && resource.id == "once" };`,
  });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

async function actionEntries(): Promise<readonly Entry[]> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.filter((entry) => entry.kind.startsWith('action.'));
}

/** A call that its upstream pauses once; then it would answer. */
async function paused(id = 'a'): Promise<string> {
  house.upstream.behaviour = () => ({ kind: 'input-required', requests: {}, state: 'theirs' });
  const answer = await house.look(id);
  house.upstream.behaviour = () => answering('done');
  if (answer.kind !== 'input-required') throw new Error(JSON.stringify(answer));
  return answer.state;
}

const goOn = (state: string, id = 'a'): Promise<Answer> =>
  house.look(id, { continues: { state, responses: {} } });

describe('a paused call that goes on', () => {
  test('P1 is durable in the log again before it is sent, as the same action, with the state of its upstream', async () => {
    const state = await paused();
    const kindsWhenSent: string[] = [];
    house.upstream.behaviour = async () => {
      for await (const page of house.store.entries(2, await house.store.size()))
        for (const row of page) kindsWhenSent.push((JSON.parse(row.text) as Entry).kind);
      return answering('done');
    };
    expect(await goOn(state)).toMatchObject({ kind: 'result' });
    expect(kindsWhenSent.filter((kind) => kind.startsWith('action.'))).toEqual([
      'action.decided',
      'action.continued',
    ]);
    const [first, second] = house.upstream.sent;
    expect(second).toEqual({ ...first, input: { responsesText: '{}', state: 'theirs' } });
    const entries = await actionEntries();
    expect(new Set(entries.map(({ action }) => action)).size).toBe(1);
    expect(entries.at(-1)).toMatchObject({ kind: 'action.outcome', outcome: 'ok' });
  });

  test.each(['fail', 'fail-kept'] as const)(
    'P1 P2 that cannot be recorded is not sent (%s)',
    async (fault) => {
      const state = await paused();
      house.store.faultNext(fault, 'action.continued');
      expect(await goOn(state)).toMatchObject({ kind: 'denied', decision: { code: 'STORE_UNAVAILABLE' } });
      expect(house.upstream.sent).toHaveLength(1);
      expect((await actionEntries()).at(-1)).toMatchObject({ outcome: 'failed', code: 'STORE_UNAVAILABLE' });
    },
  );

  test('P4 a stop that lands while it is being recorded: no byte gets out, and what was done before is unknown', async () => {
    const state = await paused();
    house.store.faultNext('hold', 'action.continued');
    const answer = goOn(state);
    const held = await house.store.held();
    house.house.halt.tighten('agent:writer', 'frozen');
    held.release();
    expect(await answer).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
    expect(house.upstream.sent).toHaveLength(1);
    expect((await actionEntries()).at(-1)).toMatchObject({ outcome: 'unknown', code: 'FROZEN' });
  });

  test('is decided again, and a denial ends it', async () => {
    const state = await paused('once');
    expect(await goOn(state, 'once')).toMatchObject({
      kind: 'denied',
      decision: { code: 'FORBIDDEN', rules: ['no-returns'], reason: 'Nobody goes on with this.' },
    });
    expect(house.upstream.sent).toHaveLength(1);
    expect((await actionEntries()).slice(-2)).toMatchObject([
      { kind: 'action.continued', decision: 'deny', code: 'FORBIDDEN', rules: ['no-returns'] },
      { kind: 'action.outcome', outcome: 'failed', code: 'FORBIDDEN' },
    ]);
  });

  test('whose upstream is gone, or changed its definition, is not sent', async () => {
    const [gone, changed] = [await paused('a'), await paused('b')];
    house.upstream.unavailable = problem('UPSTREAM_UNAVAILABLE', { upstream: 'box' });
    expect(await goOn(gone, 'a')).toMatchObject({ decision: { code: 'UPSTREAM_UNAVAILABLE' } });
    house.upstream.unavailable = null;
    house.upstream.relist({ tools: [] }, 'writer');
    expect(await goOn(changed, 'b')).toMatchObject({ decision: { code: 'PIN_CHANGED' } });
    expect(house.upstream.sent).toHaveLength(2);
    expect((await actionEntries()).at(-1)).toMatchObject({ outcome: 'failed', code: 'PIN_CHANGED' });
  });

  test('pauses again so often and no more', async () => {
    house.upstream.behaviour = () => ({ kind: 'input-required', requests: {}, state: null });
    let answer = await house.look('a');
    while (answer.kind === 'input-required') answer = await goOn(answer.state);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'TOO_MANY_ASKS' } });
    expect(house.upstream.sent).toHaveLength(LIMITS.roundsPerCall + 1);
  });
});

describe('a fault of ours', () => {
  const broken = () => Promise.reject(new Error('a bug'));

  test('P7 ends a call that was to go on as unknown, and nothing of it stays open', async () => {
    const state = await paused();
    const session = vi.spyOn(house.upstream, 'session').mockImplementation(broken);
    expect(await goOn(state)).toMatchObject({ kind: 'failed', problem: { code: 'INTERNAL' } });
    session.mockRestore();
    expect(house.told.join('\n')).toContain('a bug');
    expect(house.upstream.sent).toHaveLength(1);
    expect((await actionEntries()).at(-1)).toMatchObject({ outcome: 'unknown', code: 'INTERNAL' });
    expect((await house.see()).report.open).toEqual([]);
  });

  test('P7 ends a call that was sent as unknown, and nothing of it stays open', async () => {
    // No text can be made of it.
    const result = { content: [], odd: 1n } as unknown as JsonObject;
    house.upstream.behaviour = () => ({ kind: 'result', result });
    expect(await house.look('a')).toMatchObject({ kind: 'failed', problem: { code: 'INTERNAL' } });
    expect((await actionEntries()).at(-1)).toMatchObject({ outcome: 'unknown', code: 'INTERNAL' });
    expect((await house.see()).report.open).toEqual([]);
  });

  test('before the record takes back what the call was expected to bring', async () => {
    const session = vi.spyOn(house.upstream, 'session').mockImplementation(broken);
    expect(await house.look('a')).toMatchObject({ kind: 'refused', problem: { code: 'INTERNAL' } });
    session.mockRestore();
    await house.act('trusted', {});
    expect((await actionEntries()).map(({ marks = [] }) => marks)).toEqual([[], []]);
  });
});

test('a call that nobody goes on with ends as unknown', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const state = await paused();
  const late = timers.mock.calls.find(([, delay]) => delay === LIMITS.askMs)?.[0] as (() => void) | undefined;
  timers.mockRestore();
  late?.();
  await vi.waitFor(async () => expect(await actionEntries()).toHaveLength(2), { timeout: 60_000 });
  expect((await actionEntries()).at(-1)).toMatchObject({ outcome: 'unknown', code: 'ASK_UNANSWERED' });
  expect(await goOn(state)).toMatchObject({ kind: 'refused', problem: { code: 'STATE_USED' } });
});

test('so many calls of one agent wait and no more', async () => {
  house.upstream.behaviour = () => ({ kind: 'input-required', requests: {}, state: null });
  for (let i = 0; i < LIMITS.pausesPerAgent; i++)
    expect(await house.look('a')).toMatchObject({ kind: 'input-required' });
  expect(await house.look('a')).toMatchObject({ kind: 'failed', problem: { code: 'TOO_MANY_PAUSES' } });
  expect(await house.look('a', { agent: 'reader' })).toMatchObject({ kind: 'input-required' });
});

test('P7 a restart closes a paused call as unknown, and its state opens nothing', async () => {
  const state = await paused();
  await house.abandon();
  house = await house.reopen();
  expect(await goOn(state)).toMatchObject({ kind: 'refused', problem: { code: 'STATE_UNREADABLE' } });
  expect(house.upstream.sent).toEqual([]);
  expect(await actionEntries()).toMatchObject([
    { kind: 'action.decided', decision: 'allow' },
    { kind: 'action.outcome', outcome: 'unknown', code: 'INTERRUPTED' },
  ]);
});
