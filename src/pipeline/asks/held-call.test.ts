import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answering } from '../../../tests/faults/counting-upstream.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { CAN_NOTHING } from '../../model/ask.ts';
import type { Answer } from '../ports/answer.ts';
import type { AskReply, ExecuteControl } from '../ports/upstream.ts';

/** Calls of clients of 2026-07-28 that stay in flight at an older upstream while the client is asked. */

let house: TestHouse;
/** What the upstream was answered to what it asked, and which entries were durable then. */
let replies: AskReply[];
let kinds: string[];
let control: ExecuteControl;
beforeEach(async () => {
  house = await TestHouse.open({ speaks: '2025', may: ['elicitation'] });
  replies = [];
  kinds = [];
  house.upstream.behaviour = async (_, given) => {
    control = given;
    const cut = new Promise<'cut'>((resolve) => {
      given.signal.addEventListener('abort', () => resolve('cut'), { once: true });
    });
    const asking = given.onAsk?.('elicitation/create', QUESTION, new AbortController().signal);
    const reply = await Promise.race([asking, cut]);
    if (reply === 'cut' || reply === undefined) return LOST;
    replies.push(reply);
    kinds = (await actionEntries()).map(({ kind }) => kind);
    return answering(reply.kind === 'answer' ? JSON.stringify(reply.result) : reply.problem.code);
  };
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const QUESTION = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
const ADA = { action: 'accept', content: { name: 'Ada' } };
const LOST = { kind: 'lost', problem: problem('CANCELLED', { upstream: 'box' }) } as const;

async function actionEntries(): Promise<readonly Entry[]> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.filter((entry) => entry.kind.startsWith('action.'));
}
const endOfCall = async () =>
  (await actionEntries()).find(
    (entry) => entry.kind === 'action.outcome' && entry['operation'] === 'mcp:box/look',
  );

const asked = { signal: new AbortController().signal, can: { ...CAN_NOTHING, form: true } };
async function held(): Promise<{ state: string; key: string }> {
  const answer = await house.look('a', { control: asked });
  if (answer.kind !== 'input-required') throw new Error(JSON.stringify(answer));
  return { state: answer.state, key: Object.keys(answer.requests)[0] ?? '' };
}
const goOn = ({ state, key }: { state: string; key: string }, answer: JsonObject = ADA): Promise<Answer> =>
  house.look('a', { continues: { state, responses: { [key]: answer } }, control: asked });

test('P1 that it goes on is durable before its upstream is answered; it is sent once', async () => {
  const answer = await goOn(await held());
  expect(answer).toMatchObject({ kind: 'result' });
  expect(JSON.stringify(answer)).toContain('Ada');
  expect(kinds).toEqual(['action.decided', 'action.decided', 'action.continued', 'action.outcome']);
  expect(house.upstream.sent).toHaveLength(1);
  expect(await endOfCall()).toMatchObject({ outcome: 'ok' });
});

test.each(['fail', 'fail-kept'] as const)(
  'P1 P2 that cannot be recorded cuts it, and nothing goes up (%s)',
  async (fault) => {
    const waiting = await held();
    house.store.faultNext(fault, 'action.continued');
    expect(await goOn(waiting)).toMatchObject({ kind: 'denied', decision: { code: 'STORE_UNAVAILABLE' } });
    expect([replies, control.signal.aborted]).toEqual([[], true]);
    expect(await endOfCall()).toMatchObject({ outcome: 'unknown', code: 'STORE_UNAVAILABLE' });
  },
);

test('P4 a stop that lands while that is being recorded: no answer goes up', async () => {
  const waiting = await held();
  house.store.faultNext('hold', 'action.continued');
  const answer = goOn(waiting);
  const holding = await house.store.held();
  house.house.halt.tighten('agent:writer', 'frozen');
  holding.release();
  await answer;
  for (const reply of replies) expect(reply.kind === 'answer' ? reply.admit() : reply.problem).not.toBeNull();
  expect(JSON.stringify(await answer)).not.toContain('Ada');
});

test('P4 a stop while the client is away cuts it, and its end is unknown', async () => {
  const waiting = await held();
  house.house.halt.tighten('agent:writer', 'frozen');
  await vi.waitFor(
    async () => expect(await endOfCall()).toMatchObject({ outcome: 'unknown', code: 'STOPPED' }),
    { timeout: 60_000 },
  );
  expect([replies, control.signal.aborted]).toEqual([[], true]);
  house.house.halt.set('agent:writer', 'live');
  expect(await goOn(waiting)).toMatchObject({ kind: 'refused', problem: { code: 'STATE_USED' } });
});

test('one that nobody goes on with is cut in the end', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const waiting = await held();
  const late = timers.mock.calls.filter(([, delay]) => delay === LIMITS.askMs).at(-1)?.[0] as
    | (() => void)
    | undefined;
  timers.mockRestore();
  late?.();
  await vi.waitFor(
    async () => expect(await endOfCall()).toMatchObject({ outcome: 'unknown', code: 'ASK_UNANSWERED' }),
    { timeout: 60_000 },
  );
  expect(control.signal.aborted).toBe(true);
  expect(await goOn(waiting)).toMatchObject({ kind: 'refused', problem: { code: 'STATE_USED' } });
});

test('a client that goes away while its request waits cuts it', async () => {
  const waiting = await held();
  const away = new AbortController();
  away.abort();
  const signal = away.signal;
  const answer = await house.look('a', {
    continues: { state: waiting.state, responses: {} },
    control: { ...asked, signal },
  });
  expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'CANCELLED' } });
  expect(await endOfCall()).toMatchObject({ outcome: 'unknown', code: 'CANCELLED' });
});

test('a session that is over cuts what waits in it, and no other', async () => {
  await held();
  house.corridor.left('s2');
  expect(control.signal.aborted).toBe(false);
  house.corridor.left('s1');
  await vi.waitFor(
    async () => expect(await endOfCall()).toMatchObject({ outcome: 'unknown', code: 'ASK_UNANSWERED' }),
    { timeout: 60_000 },
  );
  expect(control.signal.aborted).toBe(true);
});

test.each([
  ['is given to it', 10],
  ['is not kept where it is too long', LIMITS.heldAnswerLength],
] as const)('an answer that comes while the client is away %s', async (_, length) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  house.upstream.behaviour = async (_order, given) => {
    const asking = new AbortController();
    void given.onAsk?.('elicitation/create', QUESTION, asking.signal);
    const text = await promise;
    asking.abort();
    return answering(text);
  };
  const waiting = await held();
  resolve('x'.repeat(length));
  await vi.waitFor(async () => expect(await endOfCall()).toMatchObject({ outcome: 'ok' }), {
    timeout: 60_000,
  });
  expect(await goOn(waiting)).toMatchObject(
    length === 10 ? { kind: 'result' } : { kind: 'failed', problem: { code: 'UPSTREAM_ANSWER_TOO_LARGE' } },
  );
  expect((await actionEntries()).map(({ kind }) => kind)).not.toContain('action.continued');
});

test('so many of one agent wait and no more, and the one too many is cut', async () => {
  for (let i = 0; i < LIMITS.pausesPerAgent; i++) await held();
  expect(await house.look('a', { control: asked })).toMatchObject({
    kind: 'failed',
    problem: { code: 'TOO_MANY_PAUSES' },
  });
  expect(control.signal.aborted).toBe(true);
});

test('P7 a fault of ours ends it once, as unknown', async () => {
  const waiting = await held();
  const decide = vi.spyOn(house.rooms.sessionPins, 'holds').mockImplementation(() => {
    throw new Error('a bug');
  });
  expect(await goOn(waiting)).toMatchObject({ kind: 'failed', problem: { code: 'INTERNAL' } });
  decide.mockRestore();
  expect(await endOfCall()).toMatchObject({ outcome: 'unknown', code: 'INTERNAL' });
  expect(control.signal.aborted).toBe(true);
  expect((await house.see()).report.open).toEqual([]);
});
