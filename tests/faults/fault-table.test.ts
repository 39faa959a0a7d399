import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { problem } from '../../src/base/errors.ts';
import type { Entry } from '../../src/contract/log-entry.ts';
import type { Answer } from '../../src/pipeline/ports/answer.ts';
import { answering } from './counting-upstream.ts';
import { expectPromises } from './promises.ts';
import { type HouseOptions, removeDirectory, TestHouse } from './test-house.ts';

/**
 * The fault table: every write of the corridor to what lies outside it, failing, and failing though it was kept. What is
 * answered, what the log says when the store is back, and what it says after a new start. (The third column, the process
 * killed there, is killed.test.ts.)
 */

let house: TestHouse | undefined;
afterEach(async () => {
  await house?.close();
  if (house !== undefined) removeDirectory(house.directory);
});

async function open(options: HouseOptions = {}): Promise<TestHouse> {
  house = await TestHouse.open(options);
  return house;
}

const FAULTS = ['fail', 'fail-kept'] as const;
const executedBy = (one: TestHouse) => one.upstream.sent.map((order) => idIn(order.argumentsText));
const idIn = (text: string) => (JSON.parse(text) as { id: string }).id;
const codeOf = (answer: Answer) =>
  answer.kind === 'denied'
    ? answer.decision.code
    : answer.kind === 'failed'
      ? answer.problem.code
      : answer.kind;
const ofKind = (entries: readonly Entry[], kind: Entry['kind']) =>
  entries.filter((entry) => entry.kind === kind);

/** Ends the process without a word and starts anew on the same state. */
async function restart(one: TestHouse): Promise<TestHouse> {
  await one.abandon();
  house = await one.reopen();
  return house;
}

describe('the record of an allow', () => {
  test.each(FAULTS)('P1 P2 %s: denied, nothing sent, and told when the store returns', async (fault) => {
    const one = await open();
    one.store.faultNext(fault);
    expect(codeOf(await one.look('a'))).toBe('STORE_UNAVAILABLE');
    expect(codeOf(await one.look('b'))).toBe('result');
    const sight = await one.see();
    const stories = expectPromises(sight, {
      executed: executedBy(one),
      answeredOk: ['b'],
      answeredDenied: ['a'],
    });
    const gaps = ofKind(sight.entries, 'instance.gap');
    if (fault === 'fail') {
      expect(stories.get('a')).toBeUndefined();
      expect(gaps).toMatchObject([{ count: 1, codes: { STORE_UNAVAILABLE: 1 } }]);
      const b = stories.get('b')?.allow?.seq ?? 0;
      expect(gaps[0]?.seq).toBe(b - 1);
    } else {
      expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: 'aborted', code: 'STORE_UNAVAILABLE' }]);
      expect(gaps).toEqual([]);
    }
  });

  test.each(FAULTS)('P7 %s, and a new start', async (fault) => {
    const first = await open();
    first.store.faultNext(fault);
    await first.look('a');
    const one = await restart(first);
    const stories = expectPromises(await one.see(), { executed: [], answeredOk: [], answeredDenied: ['a'] });
    if (fault === 'fail') expect(stories.get('a')).toBeUndefined();
    else expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: 'unknown', code: 'INTERRUPTED' }]);
    expect(one.unfinished.map(({ operation }) => operation)).toEqual(
      fault === 'fail' ? [] : ['mcp:box/look'],
    );
  });

  test.each(FAULTS)('P1 %s, of many that share the commit: none of them runs', async (fault) => {
    const one = await open();
    one.store.faultNext(fault);
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    const answers = await Promise.all(names.map((name) => one.look(name)));
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['STORE_UNAVAILABLE']));
    expect(codeOf(await one.look('z'))).toBe('result');
    const sight = await one.see();
    expectPromises(sight, { executed: executedBy(one), answeredOk: ['z'], answeredDenied: names });
    expect(executedBy(one)).toEqual(['z']);
    expect(ofKind(sight.entries, 'instance.gap')).toMatchObject(fault === 'fail' ? [{ count: 20 }] : []);
  });
});

describe('the record of a denial', () => {
  test.each(FAULTS)('P2 %s: denied all the same, and told when the store returns', async (fault) => {
    const one = await open();
    one.store.faultNext(fault);
    expect(codeOf(await one.look('ghost'))).toBe('FORBIDDEN');
    await one.look('b');
    const { entries } = await one.see();
    expect(ofKind(entries, 'instance.gap')).toMatchObject(
      fault === 'fail' ? [{ count: 1, codes: { FORBIDDEN: 1 } }] : [],
    );
    const denials = ofKind(entries, 'action.decided').filter((entry) => entry.decision === 'deny');
    expect(denials).toHaveLength(fault === 'fail' ? 0 : 1);
    expectPromises(await one.see(), { executed: ['b'], answeredOk: ['b'], answeredDenied: ['ghost'] });
  });

  test('P2 a store that is gone denies everything, counts it, and tells the whole when it is back', async () => {
    const one = await open();
    one.store.isDown = true;
    for (let i = 0; i < 30; i++) expect(codeOf(await one.look(`n${i}`))).toBe('STORE_UNAVAILABLE');
    for (let i = 0; i < 20; i++) expect(codeOf(await one.look(`ghost${i}`))).toBe('FORBIDDEN');
    expect(executedBy(one)).toEqual([]);
    one.store.isDown = false;
    expect(codeOf(await one.look('b'))).toBe('result');
    const { entries } = await one.see();
    expect(ofKind(entries, 'instance.gap')).toMatchObject([
      { count: 50, codes: { STORE_UNAVAILABLE: 30, FORBIDDEN: 20 } },
    ]);
  });
});

describe('the record of an outcome', () => {
  /** One action whose outcome cannot be recorded. */
  async function loseOutcome(one: TestHouse, fault: (typeof FAULTS)[number]): Promise<void> {
    one.upstream.behaviour = () => {
      one.store.faultNext(fault);
      one.upstream.behaviour = () => answering('later');
      return answering('done');
    };
    expect(codeOf(await one.look('a'))).toBe('OUTCOME_UNRECORDED');
  }

  test.each(FAULTS)('P7 %s: the agent learns only that, and everything is frozen', async (fault) => {
    const one = await open();
    await loseOutcome(one, fault);
    expect(codeOf(await one.look('b'))).toBe('FROZEN');
    expect(codeOf(await one.look('c', { agent: 'reader' }))).toBe('FROZEN');
    const sight = await one.see();
    const stories = expectPromises(sight, { executed: ['a'], answeredOk: ['a'], answeredDenied: ['b', 'c'] });
    expect(executedBy(one)).toEqual(['a']);
    const allow = stories.get('a')?.allow?.seq ?? 0;
    expect(sight.entries.slice(allow).map((entry) => entry.outcome ?? entry.level ?? entry.kind)).toEqual([
      'action.decided',
      'ok',
      'frozen',
      'frozen',
      'frozen',
    ]);
    expect(ofKind(sight.entries, 'containment.stopped')).toMatchObject([{ scope: 'all', by: 'fault' }]);
    expect(await one.store.cell('level', 'all')).toBe('frozen');
  });

  test.each(FAULTS)('P7 %s, and a new start before the store is back', async (fault) => {
    const first = await open();
    await loseOutcome(first, fault);
    const one = await restart(first);
    const stories = expectPromises(await one.see(), { executed: ['a'], answeredOk: [] });
    expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: fault === 'fail' ? 'unknown' : 'ok' }]);
    expect(one.unfinished).toHaveLength(fault === 'fail' ? 1 : 0);
    expect(one.upstream.sent).toEqual([]);
  });

  test('P4 everything is released only when a record can be made and the log verifies', async () => {
    const one = await open();
    await loseOutcome(one, 'fail');
    one.store.isDown = true;
    const early = await one.operations.release('all', 'impatient');
    expect(early).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('record still cannot') },
    });
    expect(codeOf(await one.look('b'))).toBe('FROZEN');
    one.store.isDown = false;
    expect(await one.operations.release('all', 'the disk has room again')).toMatchObject({ ok: true });
    expect(codeOf(await one.look('c'))).toBe('result');
    expectPromises(await one.see(), { executed: ['a', 'c'], answeredOk: ['a', 'c'], answeredDenied: ['b'] });
    expect(await one.store.cell('level', 'all')).toBeNull();
  });

  test('P6 nothing is released on a log that does not hold', async () => {
    const one = await open();
    await loseOutcome(one, 'fail');
    const entries = one.store.entries.bind(one.store);
    one.store.entries = async function* (from, to) {
      for await (const page of entries(from, to))
        yield page.map((row) => (row.seq === 0 ? { ...row, text: row.text.replace('first', 'worst') } : row));
    };
    const answer = await one.operations.release('all', 'looks fine to me');
    expect(answer).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('does not hold from entry 0') },
    });
    expect(codeOf(await one.look('b'))).toBe('FROZEN');
  });
});

describe('the way to the upstream', () => {
  test('P7 fails before a byte is sent: aborted', async () => {
    const one = await open();
    one.upstream.behaviour = () => {
      one.upstream.sent.pop();
      return { kind: 'not-sent', problem: problem('UPSTREAM_UNAVAILABLE', { upstream: 'box' }) };
    };
    expect(codeOf(await one.look('a'))).toBe('UPSTREAM_UNAVAILABLE');
    const stories = expectPromises(await one.see(), { executed: executedBy(one), answeredOk: [] });
    expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('P7 fails, and the upstream acted all the same: unknown, and never sent again', async () => {
    const first = await open();
    first.upstream.behaviour = () => ({
      kind: 'lost',
      problem: problem('UPSTREAM_LOST', { upstream: 'box' }),
    });
    expect(codeOf(await first.look('a'))).toBe('UPSTREAM_LOST');
    expect(executedBy(first)).toEqual(['a']);
    const one = await restart(first);
    const stories = expectPromises(await one.see(), { executed: ['a'], answeredOk: [] });
    expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: 'unknown', code: 'UPSTREAM_LOST' }]);
    expect(one.upstream.sent).toEqual([]);
  });

  test('P7 the process ends while the upstream acts: unknown, shown at the start, and never sent again', async () => {
    const first = await open();
    const begun = Promise.withResolvers<void>();
    first.upstream.behaviour = () => {
      begun.resolve();
      return new Promise(() => undefined);
    };
    void first.look('a');
    await begun.promise;
    const one = await restart(first);
    expect(one.unfinished).toMatchObject([{ agent: 'writer', operation: 'mcp:box/look' }]);
    const stories = expectPromises(await one.see(), { executed: executedBy(first), answeredOk: [] });
    expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: 'unknown', code: 'INTERRUPTED' }]);
    const again = await restart(one);
    expect(again.unfinished).toEqual([]);
    expectPromises(await again.see(), { executed: ['a'], answeredOk: [] });
  });
});

describe('the record of what was refused', () => {
  test.each(FAULTS)('%s: counted on', async (fault) => {
    const one = await open();
    for (let i = 0; i < 3; i++) await one.act('nothing-like-it', {});
    one.store.faultNext(fault);
    one.house.refusals.flush();
    await one.house.recorder.checkpoint().catch(() => undefined);
    await one.act('nothing-like-it', {});
    one.house.refusals.flush();
    const { entries, report } = await one.see();
    expect(report.holds).toBe(true);
    const counts = ofKind(entries, 'instance.refused').map((entry) => entry['count']);
    // Where the store kept what it said it had not, the count stands there twice: rather too many than too few.
    expect(counts).toEqual(fault === 'fail' ? [4] : [3, 4]);
  });
});

describe('the first checkpoint and the ones after it', () => {
  test.each(FAULTS)(
    'P6 %s, and a new start: what it did not cover is verified and covered then',
    async (fault) => {
      const first = await open();
      await first.look('a');
      first.store.faultNext(fault);
      await expect(first.house.recorder.checkpoint()).rejects.toThrow();
      const one = await restart(first);
      await one.look('b');
      const sight = await one.see();
      expectPromises(sight, { executed: ['a', 'b'], answeredOk: ['a', 'b'] });
      expect(sight.report.tail).toBe(0);
    },
  );
});

describe('the record of the first pins', () => {
  test.each(FAULTS)('%s: all of the upstream is hidden, and a new start follows the log', async (fault) => {
    const first = await open({ pinFault: fault });
    expect(codeOf(await first.look('a'))).toBe('PIN_CHANGED');
    const listing = await first.corridor.listing({ agent: 'writer', token: 't' }, 'box', '2026');
    expect(listing).toMatchObject({ ok: true, value: { tools: [], prompts: [] } });
    const one = await restart(first);
    expect(codeOf(await one.look('b'))).toBe('result');
    const sight = await one.see();
    expectPromises(sight, { executed: ['b'], answeredOk: ['b'], answeredDenied: ['a'] });
    expect(ofKind(sight.entries, 'instance.pinned')).toHaveLength(1);
  });
});

describe("the record of an operator's act", () => {
  test.each(FAULTS)('a token, %s: there is none', async (fault) => {
    const one = await open();
    one.store.faultNext(fault);
    expect(await one.operations.makeToken('writer', 60_000)).toMatchObject({ ok: false });
    expect(one.house.tokens.ofAgent('writer')).toEqual([]);
    const made = await one.operations.makeToken('writer', 60_000);
    if (!made.ok) throw new Error(made.error.sentence);
    const again = await restart(one);
    expect(again.corridor.authenticate(made.value.token, 'here')).toMatchObject({ ok: true });
    expect((await again.see()).report.holds).toBe(true);
  });

  test.each(FAULTS)('P4 a revocation, %s: no token works any more, then or later', async (fault) => {
    const one = await open();
    const made = await one.operations.makeToken('writer', 60_000);
    if (!made.ok) throw new Error(made.error.sentence);
    one.store.faultNext(fault);
    expect(await one.operations.revokeTokens('writer')).toMatchObject({ ok: true });
    expect(one.corridor.authenticate(made.value.token, 'here')).toMatchObject({ ok: false });
    await one.look('a');
    const again = await restart(one);
    expect(again.corridor.authenticate(made.value.token, 'here')).toMatchObject({ ok: false });
    const { entries } = await again.see();
    expect(ofKind(entries, 'operator.revoked')).toHaveLength(1);
  });

  test.each(FAULTS)('P4 a stop, %s: it holds, and is told once', async (fault) => {
    const one = await open();
    one.store.faultNext(fault);
    expect(await one.operations.stop('all', 'frozen', 'enough')).toMatchObject({ ok: true });
    expect(codeOf(await one.look('a'))).toBe('FROZEN');
    const again = await restart(one);
    expect(codeOf(await again.look('b'))).toBe('FROZEN');
    expect(ofKind((await again.see()).entries, 'containment.stopped')).toHaveLength(1);
  });

  test.each(FAULTS)('a release, %s: it stays frozen, and a new start follows the log', async (fault) => {
    const one = await open();
    await one.operations.stop('all', 'frozen', 'enough');
    one.store.faultNext(fault, 'containment.released');
    expect(await one.operations.release('all', 'fine again')).toMatchObject({ ok: false });
    expect(codeOf(await one.look('a'))).toBe('FROZEN');
    const again = await restart(one);
    expect(codeOf(await again.look('b'))).toBe(fault === 'fail' ? 'FROZEN' : 'result');
    expect(ofKind((await again.see()).entries, 'containment.released')).toHaveLength(
      fault === 'fail' ? 0 : 1,
    );
  });

  test.each(FAULTS)(
    'an apply that widens, %s: nothing changes, and a new start follows the log',
    async (fault) => {
      const one = await open();
      const rules = join(one.directory, 'rules.cedar');
      writeFileSync(rules, readFileSync(rules, 'utf8').replace('ghost*', 'spectre*'));
      one.store.faultNext(fault);
      expect(await one.operations.apply(false)).toMatchObject({ ok: false });
      expect(codeOf(await one.look('ghost'))).toBe('FORBIDDEN');
      const again = await restart(one);
      expect(codeOf(await again.look('ghost'))).toBe(fault === 'fail' ? 'FORBIDDEN' : 'result');
      expect(ofKind((await again.see()).entries, 'operator.applied')).toHaveLength(fault === 'fail' ? 1 : 2);
    },
  );

  test('an edited file by itself changes nothing, a new start included', async () => {
    const one = await open();
    appendFileSync(
      join(one.directory, 'rules.cedar'),
      '@id("all") @need("all") permit (principal, action, resource);\n',
    );
    const again = await restart(one);
    expect(codeOf(await again.act('post', { text: 'x' }))).toBe('NO_PERMIT');
    expect(again.house.standing.parts.digest).toBe(one.house.standing.parts.digest);
  });

  test.each(FAULTS)(
    'an accept, %s: what changed stays hidden, and a new start follows the log',
    async (fault) => {
      const one = await open();
      const tools = one.upstream.definitions.tools.map((each) => ({ ...each, title: 'new' }));
      one.upstream.relist({ tools });
      one.house.standing.onListed('box', '2026', one.upstream.definitions);
      const shown = await one.operations.accept('box', undefined, undefined);
      if (!shown.ok) throw new Error(shown.error.sentence);
      one.store.faultNext(fault);
      expect(await one.operations.accept('box', undefined, shown.value.shown)).toMatchObject({ ok: false });
      expect(codeOf(await one.look('a'))).toBe('PIN_CHANGED');
      const again = await restart(one);
      again.upstream.relist({ tools });
      again.house.standing.onListed('box', '2026', again.upstream.definitions);
      expect(codeOf(await again.look('b'))).toBe(fault === 'fail' ? 'PIN_CHANGED' : 'result');
      expect((await again.see()).report.holds).toBe(true);
    },
  );
});
