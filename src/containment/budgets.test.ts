import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetOf, HOUR, START, spendingOf, take } from '../../tests/faults/spending.ts';
import type { Budget, Period } from '../model/budget.ts';
import { Budgets, type Spending } from './budgets.ts';

describe('a budget', () => {
  test('of actions holds exactly as many, and begins anew with the next day and never by a clock set back', () => {
    const budgets = new Budgets();
    const of = [budgetOf()];
    const go = (nowMs: number) => take(budgets, of, spendingOf(), nowMs);
    expect([go(START), go(START), go(START), go(START)]).toEqual([true, true, true, false]);
    expect(go(START - 30 * HOUR)).toBe(false);
    expect(go(START + 13 * HOUR)).toBe(false);
    expect(go(START + 14 * HOUR)).toBe(true);
    expect(budgets.check(of, spendingOf(), START + 14 * HOUR)).toBeNull();
  });

  test('is asked once of an action: what has been reserved fits, and is not taken twice', () => {
    const budgets = new Budgets();
    const of = [budgetOf({ limit: 1 })];
    const one = spendingOf();
    expect(take(budgets, of, one, START)).toBe(true);
    expect(budgets.check(of, one, START)).toBeNull();
    budgets.reserve(of, one, START);
    expect(budgets.check(of, spendingOf(), START)).toMatchObject({
      why: 'spent',
      resetsAtMs: START + 14 * HOUR,
    });
    budgets.giveBack(one.action);
    expect(take(budgets, of, spendingOf(), START)).toBe(true);
  });

  test('what ended, or nobody knows of, stays spent; what was given back after its day is over gives the next one nothing', () => {
    const budgets = new Budgets();
    const of = [budgetOf({ limit: 2 })];
    const [one, two] = [spendingOf(), spendingOf()];
    take(budgets, of, one, START);
    take(budgets, of, two, START);
    budgets.settle(one.action, 5, START);
    expect(take(budgets, of, spendingOf(), START)).toBe(false);
    const next = START + 24 * HOUR;
    expect(take(budgets, of, spendingOf(), next)).toBe(true);
    budgets.giveBack(two.action);
    expect(take(budgets, of, spendingOf(), next)).toBe(true);
    expect(take(budgets, of, spendingOf(), next)).toBe(false);
  });

  test('whose limit an apply changes while calls run goes on with what they took, and gives back to the same', () => {
    const budgets = new Budgets();
    const [before, after] = [[budgetOf({ limit: 3 })], [budgetOf({ limit: 4 })]];
    const [one, two] = [spendingOf(), spendingOf()];
    take(budgets, before, one, START);
    take(budgets, before, two, START);
    expect([1, 2, 3].map(() => take(budgets, after, spendingOf(), START))).toEqual([true, true, false]);
    const kept = budgets.giveBack(one.action);
    expect(kept).toMatchObject([{ account: 'writer/b', text: expect.stringMatching(/^3@/) }]);
    expect([1, 2].map(() => take(budgets, after, spendingOf(), START))).toEqual([true, false]);
    budgets.settle(two.action, 5, START);
    const again = new Budgets();
    for (const { account, slot, text } of kept) again.recall(account, slot, text ?? '');
    expect([1, 2].map(() => take(again, after, spendingOf(), START))).toEqual([true, false]);
  });

  test('by another period goes on with what was spent in the present one, and begins anew after it', () => {
    const budgets = new Budgets();
    const by = (per: Period) => [budgetOf({ limit: 1, per })];
    expect(take(budgets, by('hour'), spendingOf(), START)).toBe(true);
    expect(take(budgets, by('day'), spendingOf(), START)).toBe(false);
    expect(take(budgets, by('day'), spendingOf(), START + 24 * HOUR)).toBe(true);
    expect(take(budgets, by('hour'), spendingOf(), START + 24 * HOUR)).toBe(false);
    expect(take(budgets, by('hour'), spendingOf(), START + 25 * HOUR)).toBe(true);
  });

  test('counted in shorter periods before an apply and a restart is spent in the present one, and ends with it', () => {
    const kept = `1@${Math.floor(START / HOUR)}`;
    const budgets = new Budgets();
    budgets.recall('writer/b', '', kept);
    const by = [budgetOf({ limit: 1, per: 'day' })];
    expect(take(budgets, by, spendingOf(), START)).toBe(false);
    expect(take(budgets, by, spendingOf(), START + 24 * HOUR)).toBe(true);
  });

  test.each([
    ['day', Math.floor(START / (24 * HOUR))],
    ['life', 0],
  ])(
    'counted by the %s before an apply made it an hour is spent in the present hour after a restart, and ends with it',
    (_, period) => {
      const budgets = new Budgets();
      budgets.recall('writer/b', '', `1@${period}`);
      const by = [budgetOf({ limit: 1, per: 'hour' })];
      expect(take(budgets, by, spendingOf(), START)).toBe(false);
      expect(take(budgets, by, spendingOf(), START + HOUR)).toBe(true);
    },
  );

  test('counted by a day that is over is spent in no hour after it', () => {
    const budgets = new Budgets();
    budgets.recall('writer/b', '', `1@${Math.floor(START / (24 * HOUR)) - 1}`);
    expect(take(budgets, [budgetOf({ limit: 1, per: 'hour' })], spendingOf(), START)).toBe(true);
  });

  test('that counts something else after an apply begins with nothing, and what ran before writes nothing into it', () => {
    const budgets = new Budgets();
    const [actions, bytes] = [[budgetOf({ limit: 1 })], [budgetOf({ measure: 'bytes', limit: 15 })]];
    const one = spendingOf();
    take(budgets, actions, one, START);
    expect(take(budgets, bytes, spendingOf(), START)).toBe(true);
    expect(budgets.giveBack(one.action)).toEqual([]);
    expect(take(budgets, bytes, spendingOf(), START)).toBe(false);
  });

  test('of targets counts different ones; by the target each has its own', () => {
    const budgets = new Budgets();
    const breadth = [budgetOf({ measure: 'targets', limit: 2 })];
    const on = (...targets: string[]) => spendingOf({ targets });
    expect(take(budgets, breadth, on('a', 'b'), START)).toBe(true);
    expect(take(budgets, breadth, on('b'), START)).toBe(true);
    expect(take(budgets, breadth, on('b', 'c'), START)).toBe(false);
    const each = [budgetOf({ id: 'e', limit: 2, each: true })];
    for (const wanted of [true, true, false]) expect(take(budgets, each, on('a'), START)).toBe(wanted);
    expect(take(budgets, each, on('b'), START)).toBe(true);
    expect(take(budgets, each, on('a', 'c'), START)).toBe(false);
  });

  test('of money counts its currency alone; what cannot be told, or is in another one, does not pass', () => {
    const budgets = new Budgets();
    const of = [budgetOf({ measure: 'money', limit: 100, currency: 'EUR' })];
    const pay = (money: Spending['money']) => spendingOf({ money });
    expect(take(budgets, of, pay(new Map([['EUR', 60]])), START)).toBe(true);
    expect(take(budgets, of, pay(new Map([['EUR', 41]])), START)).toBe(false);
    expect(take(budgets, of, pay(new Map([['EUR', 40]])), START)).toBe(true);
    expect(take(budgets, of, pay(new Map()), START)).toBe(true);
    expect(budgets.check(of, pay(null), START)).toMatchObject({ why: 'unreadable' });
    expect(budgets.check(of, pay(new Map([['USD', 1]])), START)).toMatchObject({ why: 'unreadable' });
  });

  test('by the session is by the token until it is silent for half an hour: another name of a session resets nothing', () => {
    const budgets = new Budgets();
    const of = [budgetOf({ per: 'session', limit: 1 })];
    expect(take(budgets, of, spendingOf(), START)).toBe(true);
    expect(take(budgets, of, spendingOf(), START + 29 * 60_000)).toBe(false);
    // Trying, too, is no silence.
    expect(take(budgets, of, spendingOf(), START + 58 * 60_000)).toBe(false);
    expect(take(budgets, of, spendingOf({ token: 't2' }), START)).toBe(true);
    expect(take(budgets, of, spendingOf(), START + 100 * 60_000)).toBe(true);
  });

  test('of time is spent by what has run', () => {
    const budgets = new Budgets();
    const of = [budgetOf({ measure: 'time', limit: 1000 })];
    const one = spendingOf();
    expect(take(budgets, of, one, START)).toBe(true);
    budgets.settle(one.action, 999.5, START);
    expect(take(budgets, of, spendingOf(), START)).toBe(false);
  });

  test('warns once when its soft limit is reached', () => {
    const budgets = new Budgets();
    const of = [budgetOf({ limit: 5, soft: 80 })];
    const warned = Array.from({ length: 5 }, () => budgets.reserve(of, spendingOf(), START).length);
    expect(warned).toEqual([0, 0, 0, 1, 0]);
  });

  test('goes on with what was spent under another limit', () => {
    const budgets = new Budgets();
    for (let i = 0; i < 3; i++) take(budgets, [budgetOf()], spendingOf(), START);
    const raised = [budgetOf({ limit: 4 })];
    expect(take(budgets, raised, spendingOf(), START)).toBe(true);
    expect(take(budgets, raised, spendingOf(), START)).toBe(false);
  });
});

describe('a rate (GCRA)', () => {
  test('lets so many at once, then evenly, and in no span more than the burst and what has grown since', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(4000), { maxLength: 150 }),
        (limit, burst, gaps) => {
          const budgets = new Budgets();
          const of = [budgetOf({ limit, per: 'minute', burst })];
          const passed: number[] = [];
          let now = START;
          for (const gap of gaps) {
            now += gap;
            if (take(budgets, of, spendingOf(), now)) passed.push(now);
          }
          for (const [i, from] of passed.entries())
            for (const [j, to] of passed.entries())
              if (j >= i)
                expect(j - i + 1).toBeLessThanOrEqual(burst + ((to - from) * limit) / 60_000 + 1e-6);
          expect(passed.length).toBeGreaterThanOrEqual(Math.min(gaps.length, 1));
        },
      ),
    );
  });

  test('lets half as many at once and half as often for a while after a release, and not less than one', () => {
    const open = { until: START + HOUR };
    const budgets = new Budgets((_, nowMs) => (nowMs < open.until ? open.until : null));
    const many = [budgetOf({ limit: 60, per: 'minute', burst: 4 })];
    const pass = (of: readonly Budget[], at: number) =>
      [1, 2, 3, 4, 5].filter(() => take(budgets, of, spendingOf(), at)).length;
    expect([0, 1000, 2000, 6000].map((ms) => pass(many, START + ms))).toEqual([2, 0, 1, 2]);
    const one = [budgetOf({ id: 'one', limit: 60, per: 'minute', burst: 1 })];
    expect([0, 1000, 2000].map((ms) => pass(one, START + ms))).toEqual([1, 0, 1]);
    expect([0, 1000].map((ms) => pass(many, START + HOUR + ms))).toEqual([4, 1]);
  });

  test('half-open, tells what is left and how far it is used as it then holds', () => {
    let until: number | null = null;
    const budgets = new Budgets(() => until);
    const of = [
      budgetOf({ limit: 10, per: 'life' }),
      budgetOf({ id: 'rate', limit: 60, per: 'minute', burst: 4 }),
    ];
    const seen = () => budgets.standings('writer', of, [], START).map(({ used, left }) => [used, left]);
    const percent = () => budgets.percent(of, spendingOf(), START);
    for (let i = 0; i < 3; i++) take(budgets, of, spendingOf(), START);
    expect(seen()).toEqual([
      [3, 7],
      [3, 57],
    ]);
    expect(percent()).toBe(40);
    until = START + HOUR;
    // Half of seven, rounded up.
    expect(seen()[0]).toEqual([3, 4]);
    const life = of.slice(0, 1);
    for (const [left, after] of [
      [3, 70],
      [2, 90],
      [1, 100],
      [0, 130],
    ] as const) {
      expect(take(budgets, life, spendingOf(), START)).toBe(true);
      expect(seen()[0]?.[1]).toBe(left);
      expect(percent()).toBe(after);
    }
    expect(take(budgets, life, spendingOf(), START)).toBe(false);
    until = null;
    expect(seen()[0]).toEqual([7, 3]);
  });

  test('what was read back before the release was spent before it', () => {
    let until: number | null = null;
    const of = [budgetOf({ limit: 10, per: 'life' })];
    const left = (readMs: number) => {
      const budgets = new Budgets(() => until);
      budgets.recall('writer/b', '', '6@0', readMs);
      return budgets.standings('writer', of, [], START)[0]?.left;
    };
    expect(left(START)).toBe(4);
    until = START + HOUR;
    expect([START - 1, START + 1].map(left)).toEqual([2, 0]);
  });

  test('of a sequential token bucket passes the very same', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { maxLength: 200 }), (gaps) => {
        const [limit, burst] = [30, 5];
        const budgets = new Budgets();
        const of = [budgetOf({ limit, per: 'minute', burst })];
        let [tokens, now, last] = [burst, START, START];
        for (const gap of gaps) {
          now += gap;
          // In thousandths, so that nothing is lost to rounding: a token each 2000 ms.
          tokens = Math.min(burst, tokens + (now - last) / 2000);
          last = now;
          const wanted = tokens >= 1 - 1e-9;
          if (wanted) tokens -= 1;
          expect(take(budgets, of, spendingOf(), now)).toBe(wanted);
        }
      }),
    );
  });
});
