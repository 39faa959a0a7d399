import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Budget, MEASURES, type Period } from '../model/budget.ts';
import { Budgets, type Spending } from './budgets.ts';

const START = Date.parse('2026-11-20T10:00:00.000Z');
const HOUR = 3_600_000;

const budgetOf = (more: Partial<Budget> = {}): Budget => ({
  id: 'b',
  measure: 'actions',
  limit: 3,
  per: 'day',
  of: [],
  each: false,
  ...more,
});
let made = 0;
const spendingOf = (more: Partial<Spending> = {}): Spending => ({
  action: `a${made++}`,
  agent: 'writer',
  token: 't1',
  targets: ['Mail 1'],
  bytes: 10,
  money: new Map(),
  ...more,
});
/** Tries one action; true: it was let through and reserved. */
function take(budgets: Budgets, of: readonly Budget[], spending: Spending, nowMs: number): boolean {
  if (budgets.check(of, spending, nowMs) !== null) return false;
  budgets.reserve(of, spending, nowMs);
  return true;
}

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

/** What may happen to one budget. */
type Step =
  | {
      readonly do: 'try';
      readonly targets: readonly string[];
      readonly amount: number;
      readonly token: string;
    }
  | { readonly do: 'settle' | 'giveBack'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'restart' }
  | { readonly do: 'release' };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('try' as const),
      targets: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 }),
      amount: fc.nat(5),
      token: fc.constantFrom('t1', 't2'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'giveBack' as const), which: fc.nat(20) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(9 * HOUR) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
);

interface Taken {
  readonly spending: Spending;
  readonly atMs: number;
  readonly amount: number;
  isBack: boolean;
  isOver: boolean;
}

/** After a release, until when; undefined: nobody has looked since the start. */
type Half = number | null | undefined;

/** A budget as one would keep it on paper: every take in a list, and all of it added up anew each time. */
class Paper {
  readonly taken: Taken[] = [];
  readonly budget: Budget;
  /** Takes from here on were made since the release. */
  #since = 0;
  #half: Half;
  constructor(budget: Budget) {
    this.budget = budget;
  }

  restart(): void {
    this.#half = undefined;
  }

  /** What is looked at now; what was left at the release nobody knows after a restart: then all was taken since. */
  look(half: number | null): void {
    if (half !== this.#half) this.#since = this.#half === undefined ? 0 : this.taken.length;
    this.#half = half;
  }

  fits(spending: Spending, amount: number, nowMs: number): boolean {
    if (!this.#fits(spending, amount, nowMs, 0)) return false;
    return this.#half === null || this.#fits(spending, amount, nowMs, 1);
  }

  /** `more`: how often what was taken since the release, and this, is counted beside the first time. */
  #fits(spending: Spending, amount: number, nowMs: number, more: 0 | 1): boolean {
    const { measure, each, limit, per } = this.budget;
    const standing = this.taken.filter(({ atMs, isBack }) => !isBack && isSame(per, atMs, nowMs));
    const since = standing.filter((one) => this.taken.indexOf(one) >= this.#since);
    if (measure === 'targets') {
      const of = (all: readonly Taken[]) => new Set(all.flatMap((one) => one.spending.targets));
      const before = of(standing.filter((one) => !since.includes(one)));
      const all = of(standing);
      const fresh = spending.targets.filter((target) => !all.has(target)).length;
      if (fresh === 0) return all.size <= limit;
      return all.size + fresh + more * (all.size - before.size + fresh) <= limit + more;
    }
    const sum = (all: readonly Taken[], target?: string) =>
      all
        .filter((one) => target === undefined || one.spending.targets.includes(target))
        .reduce((total, one) => total + one.amount, 0);
    const used = (target?: string) => sum(standing, target) + more * sum(since, target);
    const asked = (1 + more) * amount;
    return each
      ? spending.targets.every((one) => used(one) + asked <= limit + more)
      : used() + asked <= limit + more;
  }
}

function isSame(per: Period, a: number, b: number): boolean {
  const span = { minute: 60_000, hour: HOUR, day: 24 * HOUR, session: 0, life: 0 }[per];
  return span === 0 || Math.floor(a / span) === Math.floor(b / span);
}

test('decides as a list of all that was ever taken would, over give-backs, new periods, releases and restarts', () => {
  const shape = fc.record({
    measure: fc.constantFrom(...MEASURES.filter((one) => one !== 'time')),
    limit: fc.integer({ min: 1, max: 12 }),
    per: fc.constantFrom<Period>('minute', 'hour', 'day', 'life'),
    each: fc.boolean(),
  });
  fc.assert(
    fc.property(shape, fc.array(STEP, { maxLength: 60 }), ({ each, ...more }, steps) => {
      const budget = budgetOf({ ...more, each: each && more.measure !== 'targets', currency: 'EUR' });
      const paper = new Paper(budget);
      const store = new Map<string, string>();
      const keep = (changes: ReturnType<Budgets['changes']>) => {
        for (const { account, slot, text } of changes)
          if (text === null) store.delete(`${account}|${slot}`);
          else store.set(`${account}|${slot}`, text);
      };
      let released = Number.NEGATIVE_INFINITY;
      const halfUntil = (_: string, nowMs: number) => (nowMs < released + HOUR ? released + HOUR : null);
      let budgets = new Budgets(halfUntil);
      let now = START;
      for (const step of steps) {
        if (step.do === 'wait') now += step.ms;
        else if (step.do === 'release') released = now;
        else if (step.do === 'restart') {
          budgets = new Budgets(halfUntil);
          paper.restart();
          for (const [key, text] of store)
            budgets.recall(key.split('|')[0] ?? '', key.split('|')[1] ?? '', text);
          // Nobody knows how they ended: they stay spent, and are never given back.
          for (const one of paper.taken) one.isOver = true;
        } else if (step.do === 'try') {
          const { targets, amount: asked, token } = step;
          const money = new Map([['EUR', asked]]);
          const spending = spendingOf({ targets, token, bytes: asked, money });
          const amount = budget.measure === 'actions' ? 1 : asked;
          paper.look(halfUntil('', now));
          const wanted = paper.fits(spending, amount, now);
          expect(take(budgets, [budget], spending, now)).toBe(wanted);
          if (!wanted) continue;
          keep(budgets.changes(spending.action));
          paper.taken.push({ spending, atMs: now, amount, isBack: false, isOver: false });
        } else {
          const one = paper.taken[step.which % Math.max(1, paper.taken.length)];
          if (one === undefined || one.isOver) continue;
          one.isOver = true;
          const { action } = one.spending;
          if (step.do === 'giveBack') {
            one.isBack = true;
            keep(budgets.giveBack(action));
          } else keep(budgets.settle(action, 1, now));
        }
      }
    }),
    { numRuns: 1500 },
  );
});
