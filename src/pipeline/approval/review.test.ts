import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, PENDING, seenIn } from '../../../tests/faults/asking.ts';
import { approve, cancelBySocket, deny, enrol, question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Attempt } from '../../model/action.ts';
import { operate } from '../operate.ts';
import type { Answer } from '../ports/answer.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

function post(more: Partial<Attempt> = {}, text = 'hello'): Promise<Answer> {
  return house.act('post', { text }, more);
}

const seen = (...prefixes: string[]) => seenIn(house, ...prefixes);

/** Its calls are held until somebody answers. */
async function patient(): Promise<void> {
  await house.close();
  removeDirectory(house.directory);
  house = await askingHouse({ hold: '10m' });
}

describe('P5 an action whose own answer would mark its session', () => {
  const BOTH = `@id("read-both") @review("owner") forbid (principal, action in Action::"risk:external", resource)
when { context.system.marks.containsAll(["untrusted", "secret"]) };`;
  beforeEach(async () => {
    await house.close();
    removeDirectory(house.directory);
    house = await askingHouse({}, { rules: BOTH });
  });

  test('does not find itself among what the session has read when it is decided again', async () => {
    expect(await post()).toMatchObject({ decision: { rules: ['ask-owner'] } });
    await approve(house, 'ada');
    expect(await post()).toMatchObject({ kind: 'result' });
    expect(house.upstream.sent).toHaveLength(1);
    expect(await post({}, 'more')).toMatchObject({ decision: { rules: ['ask-owner', 'read-both'] } });
  });

  test('nor where several spend it at once: it runs once, and no yes is lost', async () => {
    await post();
    await approve(house, 'ada');
    const answers = await Promise.all([post(), post(), post()]);
    expect(answers.filter(({ kind }) => kind === 'result')).toHaveLength(1);
    expect(house.upstream.sent).toHaveLength(1);
    expect(await seen('approval.spent')).toHaveLength(1);
  });
});

describe('P5 an action that needs a person', () => {
  test('is asked about once, runs once when she has said yes, and is one action in the log', async () => {
    const first = await post();
    expect(first).toMatchObject({ ...PENDING, decision: { reviews: [{ who: 'owner' }] } });
    expect(await post()).toMatchObject(PENDING);
    expect(house.rooms.approvals.all()).toHaveLength(1);
    const { approval } = question(house);
    expect(await approve(house, 'ada')).toMatchObject({ ok: true, value: { value: { state: 'approved' } } });
    expect(house.upstream.sent).toEqual([]);
    const done = await post();
    expect(done).toMatchObject({ kind: 'result', action: approval.action });
    expect(house.upstream.sent).toHaveLength(1);
    expect(house.upstream.sent[0]?.digest).toBe(approval.digest);
    const told = await seen('action.', 'approval.');
    const common = { action: approval.action, digest: approval.digest };
    expect(told).toMatchObject([
      { kind: 'action.decided', decision: 'review', code: 'APPROVAL_PENDING', ...common },
      {
        kind: 'approval.asked',
        ...common,
        approval: approval.id,
        agent: 'writer',
        owner: 'ada',
        people: ['ada'],
        rules: ['ask-owner'],
        reviews: ['owner'],
        operation: 'mcp:box/post',
        policy: approval.policy,
      },
      {
        kind: 'approval.answered',
        ...common,
        by: 'person',
        person: 'ada',
        answer: 'approve',
        proof: { statement: { purpose: 'approve' } },
      },
      { kind: 'approval.spent', ...common, people: ['ada'] },
      { kind: 'action.decided', decision: 'allow', approval: approval.id, ...common },
      { kind: 'action.outcome', action: approval.action, outcome: 'ok' },
    ]);
    expect(told).toHaveLength(6);
    // The next one is another action, and asks anew.
    expect(await post()).toMatchObject(PENDING);
    expect(question(house).approval.action).not.toBe(approval.action);
    expect(house.upstream.sent).toHaveLength(1);
  });

  test('held calls end with the answer; of several that repeat it one runs', async () => {
    await patient();
    const said: unknown[] = [];
    const { signal } = new AbortController();
    const control = { signal, onProgress: (params: unknown) => said.push(params) };
    const calls = [1, 2, 3].map(() => house.act('post', { text: 'hello' }, { control }));
    while (said.length < 3) await new Promise((done) => setTimeout(done, 5));
    expect(house.rooms.approvals.all()).toHaveLength(1);
    expect(await approve(house, 'ada')).toMatchObject({ ok: true });
    const codes = (await Promise.all(calls)).map((answer) =>
      answer.kind === 'denied' ? answer.decision.code : answer.kind,
    );
    expect(codes.sort()).toEqual(['APPROVAL_SPENT', 'APPROVAL_SPENT', 'result']);
    expect(house.upstream.sent).toHaveLength(1);
    expect(said).toContainEqual({ progress: 0.001, message: expect.stringMatching(/Waiting for a person/) });
  });

  test.each(['a no', 'a stop', 'the client leaves', 'Lanyard stops'])(
    'a held call ends with %s',
    async (what) => {
      await patient();
      let isHeld = false;
      const leaving = new AbortController();
      const control = { signal: leaving.signal, onProgress: () => (isHeld = true) };
      const call = house.act('post', { text: 'hello' }, { control });
      while (!isHeld) await new Promise((done) => setTimeout(done, 5));
      if (what === 'a no') await deny(house, 'ada');
      if (what === 'a stop') await house.operations.stop('agent:writer', 'frozen', 'look');
      if (what === 'the client leaves') leaving.abort();
      if (what === 'Lanyard stops') house.rooms.approvals.stop();
      const code = { 'a no': 'APPROVAL_DENIED', 'a stop': 'FROZEN' }[what] ?? 'APPROVAL_PENDING';
      expect(await call).toMatchObject({ kind: 'denied', decision: { code } });
    },
  );

  test('an approval is not spent for a client that has gone', async () => {
    await post();
    await approve(house, 'ada');
    const control = { signal: AbortSignal.abort() };
    expect(await house.act('post', { text: 'hello' }, { control })).toMatchObject(PENDING);
    expect(await post()).toMatchObject({ kind: 'result' });
  });

  test('without anybody who could answer it is denied, and says so', async () => {
    await house.close();
    removeDirectory(house.directory);
    house = await askingHouse({ unclaimed: true });
    expect(await post()).toMatchObject({
      kind: 'denied',
      decision: { decision: 'deny', code: 'APPROVAL_UNAVAILABLE' },
    });
    expect(house.rooms.approvals.all()).toEqual([]);
  });

  test('a no stands until the question would have run out', async () => {
    await post();
    expect(await deny(house, 'ada')).toMatchObject({ ok: true, value: { value: { state: 'denied' } } });
    expect(await post()).toMatchObject({
      kind: 'denied',
      decision: { decision: 'deny', code: 'APPROVAL_DENIED' },
    });
    expect(await approve(house, 'ada')).toMatchObject({ ok: false });
    expect(await post({}, 'something else')).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });

  test('taken back by the socket it is nobody’s no: asked again, it asks again', async () => {
    await post();
    expect(await cancelBySocket(house)).toMatchObject({ ok: true });
    const [cancelled] = await seen('approval.cancelled');
    expect(cancelled).toMatchObject({ by: 'socket', reason: 'operator' });
    expect(cancelled?.person).toBeUndefined();
    expect(await post()).toMatchObject(PENDING);
  });

  test('a call that is held is told that its question was taken back, and asks nobody anew', async () => {
    await patient();
    const held = post();
    await expect.poll(() => house.rooms.approvals.all()).toHaveLength(1);
    const { id } = question(house).approval;
    expect(await cancelBySocket(house)).toMatchObject({ ok: true });
    expect(await held).toMatchObject({
      kind: 'denied',
      decision: { decision: 'deny', code: 'APPROVAL_TAKEN_BACK', approval: { id } },
    });
    expect(house.rooms.approvals.all()).toEqual([]);
  });

  test('at most so many wait; another identical one is no new one', async () => {
    for (let i = 0; i < LIMITS.approvalsPerAgent; i++) expect(await post({}, `t${i}`)).toMatchObject(PENDING);
    expect(await post({}, 't0')).toMatchObject(PENDING);
    expect(await post({}, 'more')).toMatchObject({
      decision: { decision: 'deny', code: 'TOO_MANY_PENDING' },
    });
    expect(house.rooms.approvals.all()).toHaveLength(LIMITS.approvalsPerAgent);
  });

  test('one idempotency key stands for one set of arguments', async () => {
    await post({ idempotency: 'k' });
    expect(await post({ idempotency: 'k' })).toMatchObject(PENDING);
    expect(await post({ idempotency: 'k' }, 'other')).toMatchObject({
      kind: 'refused',
      problem: { code: 'IDEMPOTENCY_DIFFERS' },
    });
  });

  test('arguments, target, operation, agent: with another one it is another question', async () => {
    await post();
    await approve(house, 'ada');
    expect(await post({}, 'hello ')).toMatchObject(PENDING);
    expect(await post({ agent: 'reader' })).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });
});

describe('P5 a quorum', () => {
  const say = () => house.act('mixed', { text: 'x' });

  test('takes two different people whom the rule asks, and the span that the rule gives', async () => {
    await say();
    const { approval } = question(house);
    expect(approval.spanMs).toBe(3_600_000);
    expect(await approve(house, 'ada')).toMatchObject({ ok: false });
    expect(await approve(house, 'grace')).toMatchObject({ value: { value: { state: 'open' } } });
    expect(await approve(house, 'grace')).toMatchObject({ ok: false });
    expect(await say()).toMatchObject(PENDING);
    expect(await approve(house, 'alan')).toMatchObject({ value: { value: { state: 'approved' } } });
    expect(await say()).toMatchObject({ kind: 'result' });
    expect((await seen('approval.spent'))[0]).toMatchObject({ people: ['grace', 'alan'] });
  });

  test('does not count somebody whose passkey is gone when it is spent', async () => {
    await say();
    await approve(house, 'grace');
    await approve(house, 'alan');
    for (const { credential } of house.house.passkeys.of('alan')) house.house.passkeys.remove(credential);
    expect(await say()).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });
});

describe('P5 an attack on an answer', () => {
  test('replayed: a signature counts once, and for one question', async () => {
    await post();
    const kept = question(house);
    expect(await approve(house, 'ada', kept)).toMatchObject({ ok: true });
    expect(await approve(house, 'ada', kept)).toMatchObject({ ok: false });
    await post();
    expect(await approve(house, 'ada', kept)).toMatchObject({ ok: false });
  });

  test('about another action than the one that was shown', async () => {
    await post();
    expect(await approve(house, 'ada', question(house), `sha256:${'0'.repeat(64)}`)).toMatchObject({
      ok: false,
    });
    expect(await post()).toMatchObject(PENDING);
  });

  test('without a signature, by the socket: nothing is approved', async () => {
    await post();
    const { approve: act } = await import('./approval-acts.ts');
    const kept = question(house);
    const done = await operate(
      house.house.ground,
      { by: 'socket' },
      act(house.rooms, kept, 'ada', kept.approval.digest, false),
    );
    expect(done).toMatchObject({ ok: false });
    expect(await post()).toMatchObject(PENDING);
  });

  test('twice at once, from two tabs: one counts', async () => {
    await post();
    const both = await Promise.all([approve(house, 'ada'), approve(house, 'ada')]);
    expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(await seen('approval.answered')).toHaveLength(1);
  });

  test('frozen: nothing is approved and nothing spent, a no is heard, and it goes on when released', async () => {
    await post();
    await post({}, 'second');
    await approve(house, 'ada', house.rooms.approvals.all()[0]);
    await house.operations.stop('agent:writer', 'frozen', 'look');
    expect(await approve(house, 'ada')).toMatchObject({ ok: false });
    expect(await post()).toMatchObject({ decision: { code: 'FROZEN' } });
    expect(await deny(house, 'ada')).toMatchObject({ ok: true });
    house.house.halt.set('agent:writer', 'live');
    expect(await post()).toMatchObject({ kind: 'result' });
    expect(house.upstream.sent).toHaveLength(1);
  });

  test('killed: what waits is over', async () => {
    await post();
    await house.operations.stop('agent:writer', 'killed', 'enough');
    expect(house.rooms.approvals.all()).toEqual([]);
  });
});

describe('P5 P7 an approval over a restart', () => {
  async function restart(): Promise<void> {
    house = await house.reopen();
    await enrol(house, 'ada', 'grace', 'alan');
  }

  test('waits on, keeps its answers, and is spent once', async () => {
    await house.act('mixed', { text: 'x' });
    await approve(house, 'grace');
    const before = question(house).approval;
    await house.abandon();
    await restart();
    expect(question(house).approval).toMatchObject({ id: before.id, digest: before.digest, phase: 'open' });
    await approve(house, 'alan');
    await house.abandon();
    await restart();
    expect(await house.act('mixed', { text: 'x' })).toMatchObject({ kind: 'result', action: before.action });
    await house.abandon();
    await restart();
    expect(house.rooms.approvals.all()).toEqual([]);
    expect(await house.act('mixed', { text: 'x' })).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });

  test('that was spent when the process ended is used up: the action is unknown, and never sent again', async () => {
    await post();
    await approve(house, 'ada');
    house.upstream.behaviour = async () => {
      await house.abandon();
      return { kind: 'result', result: {} };
    };
    await post();
    await restart();
    expect(house.unfinished).toHaveLength(1);
    expect(await post()).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });

  test('a cell that was changed on disk to fit other arguments is worth nothing', async () => {
    await post();
    await approve(house, 'ada');
    const kept = question(house);
    const other = house.rooms.approvals.all()[0];
    expect(other).toBe(kept);
    const forged = JSON.parse(JSON.stringify({ approval: kept.approval, asked: kept.asked }));
    const { saltedDigest } = await import('../action/action.ts');
    forged.asked.argumentsDigest = saltedDigest(Buffer.from(forged.asked.salt, 'base64'), '{"text":"evil!"}');
    forged.asked.length = '{"text":"evil!"}'.length;
    await house.house.recorder.record({
      fields: { kind: 'instance.gap' },
      cells: [{ kind: 'approval', key: kept.approval.id, value: JSON.stringify(forged) }],
    });
    await house.close();
    await restart();
    expect(house.rooms.approvals.all()).toEqual([]);
    expect(await post({}, 'evil!')).toMatchObject(PENDING);
    expect(house.upstream.sent).toEqual([]);
  });
});

describe('P2 a question that cannot be recorded', () => {
  test.each(['fail', 'fail-kept'] as const)('is a denial, and asks nobody (%s)', async (fault) => {
    house.store.faultNext(fault);
    expect(await post()).toMatchObject({ kind: 'denied', decision: { code: 'STORE_UNAVAILABLE' } });
    expect(house.rooms.approvals.all()).toEqual([]);
    expect(await post()).toMatchObject(PENDING);
    await house.see();
    await house.abandon();
    house = await house.reopen();
    await enrol(house, 'ada');
    expect(house.rooms.approvals.all()).toHaveLength(1);
  });
});
