import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetOf, HOUR, START, spendingOf, take } from '../../tests/faults/spending.ts';
import { type Budget, MEASURES, type Period } from '../model/budget.ts';
import { Budgets, type Spending } from './budgets.ts';

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
