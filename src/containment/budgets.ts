import type { Budget, BudgetStanding } from '../model/budget.ts';
import { Account, type Kept, spanOf, type Take } from './account.ts';

/** What one action would take, as far as budgets count it. */
export interface Spending {
  readonly action: string;
  readonly agent: string;
  /** The token's name, by which session budgets are counted whatever the session calls itself. */
  readonly token: string;
  /** Of every target. */
  readonly targets: readonly string[];
  readonly bytes: number;
  /** Ten-thousandths, by currency; empty: it moves none; null: it moves some, and how much cannot be told. */
  readonly money: ReadonlyMap<string, number> | null;
}

/** A budget that an action does not fit into. */
export interface Shortfall {
  readonly budget: Budget;
  /** `unreadable`: how much it moves cannot be told, or not in the budget's currency. */
  readonly why: 'spent' | 'unreadable';
  readonly resetsAtMs: number | null;
  /** Until when less is to be had, for the agent was released; null: all of it. */
  readonly halfUntilMs: number | null;
}

/** A budget that an action draws on; `takes` is null where how much cannot be told. */
interface Draw {
  readonly account: Account;
  readonly budget: Budget;
  readonly key: string;
  readonly takes: readonly Take[] | null;
}

/** What one action draws on, by the budgets that were in force. */
interface Draws {
  readonly spending: Spending;
  readonly budgets: readonly Budget[];
  readonly draws: readonly Draw[];
}

interface Reserved extends Draw {
  readonly takes: readonly Take[];
  readonly period: number;
  readonly halfUntil: number | null;
}

/** A stored slot that changed, to be kept in one commit with the entry that tells of it. */
export interface Change extends Kept {
  /** `<agent>/<budget>`; of a session budget `<agent>/<budget>/<token>`. */
  readonly account: string;
}

export interface Warning {
  readonly budget: Budget;
  readonly used: number;
}

/**
 * The budgets of all agents. An action's take is reserved in the tick of its decision and settled when it has ended: what
 * never left is given back, what nobody knows stays spent. Every step is of constant cost, whatever the history.
 */
export class Budgets {
  readonly #accounts = new Map<string, Account>();
  /** What each action has reserved that has not ended. */
  readonly #reserved = new Map<string, readonly Reserved[]>();
  /** What was kept of accounts that no action has asked for yet. */
  readonly #recalled = new Map<string, { slot: string; text: string }[]>();
  /** What the action that was asked about last draws on: its `percent`, `check` and `reserve` come in one tick. */
  #last: Draws | null = null;
  /** When it was read. */
  #readMs = Number.NEGATIVE_INFINITY;
  readonly #halfOpenUntil: (agent: string, nowMs: number) => number | null;

  /** `halfOpenUntil`: until when less is to be had, for the agent was released; null: all of it. */
  constructor(halfOpenUntil: (agent: string, nowMs: number) => number | null = () => null) {
    this.#halfOpenUntil = halfOpenUntil;
  }

  /** The first budget that the action would overspend; null: it fits, and so does one that has reserved already. */
  check(budgets: readonly Budget[], spending: Spending, nowMs: number): Shortfall | null {
    if (this.#reserved.has(spending.action)) return null;
    for (const { budget, account, takes } of this.#draws(budgets, spending, nowMs)) {
      if (takes === null) return { budget, why: 'unreadable', resetsAtMs: null, halfUntilMs: null };
      if (takes.length === 0) continue;
      if (!account.fits(account.weighed(takes), nowMs))
        return {
          budget,
          why: 'spent',
          resetsAtMs: resetOf(budget, nowMs),
          halfUntilMs: account.halfUntil,
        };
    }
    return null;
  }

  /** Takes it, in the tick in which `check` found that it fits. Answers which soft limits it reached. */
  reserve(budgets: readonly Budget[], spending: Spending, nowMs: number): readonly Warning[] {
    if (this.#reserved.has(spending.action)) return [];
    const warnings: Warning[] = [];
    const reserved: Reserved[] = [];
    for (const { budget, account, key, takes: asked } of this.#draws(budgets, spending, nowMs)) {
      if (asked === null || asked.length === 0) continue;
      const takes = account.weighed(asked);
      account.add(takes, nowMs);
      const { period, halfUntil } = account;
      reserved.push({ account, budget, key, takes, period, halfUntil });
      if (account.warns(takes)) warnings.push({ budget, used: account.usedBy(takes) });
    }
    this.#reserved.set(spending.action, reserved);
    return warnings;
  }

  /** How far the tightest of these budgets is used when this action has taken its share, in percent; 0 without any. */
  percent(budgets: readonly Budget[], spending: Spending, nowMs: number): number {
    let most = 0;
    const isReserved = this.#reserved.has(spending.action);
    for (const { budget, account, takes } of this.#draws(budgets, spending, nowMs)) {
      if (takes === null || budget.burst !== undefined) continue;
      const share = isReserved || budget.measure === 'targets' ? 0 : (takes[0]?.amount ?? 0);
      most = Math.max(most, account.percent(takes, share));
    }
    return most;
  }

  /** Whether it has taken of any budget, and has not ended. */
  hasReserved(action: string): boolean {
    return this.#reserved.has(action);
  }

  /** What an action that was allowed has changed: kept with its record. */
  changes(action: string): readonly Change[] {
    const reserved = this.#reserved.get(action);
    if (reserved === undefined || reserved.length === 0) return NO_CHANGES;
    return this.#changesOf(reserved);
  }

  /** The action never left: all that it reserved is given back. */
  giveBack(action: string): readonly Change[] {
    const reserved = this.#take(action);
    for (const { account, takes, period, halfUntil } of reserved) account.giveBack(takes, period, halfUntil);
    return this.#changesOf(reserved);
  }

  /** The action has ended, or nobody will hear of it: what it took stays spent, and the time that it ran is added. */
  settle(action: string, ranMs: number, nowMs: number): readonly Change[] {
    const timed = this.#take(action).filter(({ budget }) => budget.measure === 'time');
    for (const { account, takes } of timed) {
      account.turn(nowMs);
      account.add(
        takes.map(({ slot }) => ({ slot, amount: Math.ceil(ranMs) })),
        nowMs,
      );
    }
    return this.#changesOf(timed);
  }

  /**
   * Takes in what was stored, before any budget is asked about. `atMs`: when it was read. What was left at a release
   * before that is not known any more.
   */
  recall(account: string, slot: string, text: string, atMs = Number.POSITIVE_INFINITY): void {
    this.#readMs = Math.max(this.#readMs, atMs);
    const kept = this.#recalled.get(account) ?? [];
    kept.push({ slot, text });
    this.#recalled.set(account, kept);
  }

  /** How an agent's budgets stand; a session budget, by the token that has used most of it. */
  standings(
    agent: string,
    budgets: readonly Budget[],
    tokens: readonly string[],
    nowMs: number,
  ): BudgetStanding[] {
    // These budgets may be newer than those that the last action was asked about.
    this.#last = null;
    const halfUntilMs = this.#halfOpenUntil(agent, nowMs);
    return budgets.map((budget) => {
      const holders = budget.per === 'session' ? tokens : [''];
      const accounts = holders.map((token) =>
        this.#accountOf(budget, accountKey(budget, { agent, token }), nowMs),
      );
      for (const account of accounts) account.present(nowMs, halfUntilMs);
      return {
        budget,
        used: Math.max(0, ...accounts.map((account) => account.used(nowMs))),
        left: Math.min(budget.limit, ...accounts.map((account) => account.left(nowMs))),
        halfUntilMs,
        resetsAtMs: resetOf(budget, nowMs),
      };
    });
  }

  #take(action: string): readonly Reserved[] {
    const reserved = this.#reserved.get(action) ?? [];
    this.#reserved.delete(action);
    return reserved;
  }

  /** What it draws on, each account at its present period. */
  #draws(budgets: readonly Budget[], spending: Spending, nowMs: number): readonly Draw[] {
    if (this.#last?.spending !== spending || this.#last.budgets !== budgets) {
      const draws = budgets.map((budget): Draw => {
        const key = accountKey(budget, spending);
        return {
          budget,
          account: this.#accountOf(budget, key, nowMs),
          key,
          takes: takesOf(budget, spending),
        };
      });
      this.#last = { spending, budgets, draws };
    }
    const halfUntil = this.#halfOpenUntil(spending.agent, nowMs);
    for (const { account } of this.#last.draws) account.present(nowMs, halfUntil);
    return this.#last.draws;
  }

  /**
   * The account under this key, whatever an apply makes of its budget's limit: what runs and what comes next spend from
   * the same one.
   */
  #accountOf(budget: Budget, key: string, nowMs: number): Account {
    const known = this.#accounts.get(key);
    if (known?.goesOnAs(budget, nowMs) === true) return known;
    const account = new Account(budget, this.#readMs);
    if (known !== undefined) account.replaces(known);
    for (const { slot, text } of this.#recalled.get(key) ?? []) account.recall(slot, text, nowMs);
    this.#recalled.delete(key);
    this.#accounts.set(key, account);
    return account;
  }

  /** What is to be stored. Of an account that another has taken the place of, nothing is any more. */
  #changesOf(reserved: readonly Reserved[]): readonly Change[] {
    const changes: Change[] = [];
    for (const { account, key, takes } of reserved) {
      if (this.#accounts.get(key) !== account) continue;
      for (const { slot, text } of account.kept(takes)) changes.push({ account: key, slot, text });
    }
    return changes;
  }
}

const NO_CHANGES: readonly Change[] = [];

const accountKey = ({ id, per }: Budget, { agent, token }: Pick<Spending, 'agent' | 'token'>): string =>
  per === 'session' ? `${agent}/${id}/${token}` : `${agent}/${id}`;

/** What this action takes of a budget; null where that cannot be told. */
function takesOf(budget: Budget, { targets, bytes, money }: Spending): readonly Take[] | null {
  const { measure, each } = budget;
  if (measure === 'targets') return targets.map((slot) => ({ slot, amount: 1 }));
  let amount = measure === 'bytes' ? bytes : measure === 'time' ? 0 : 1;
  if (measure === 'money') {
    if (money === null) return null;
    if (money.size === 0) return [];
    const of = money.get(budget.currency ?? '');
    // Another currency than the budget's cannot be counted in it, and must not get around it.
    if (of === undefined || money.size > 1) return null;
    amount = of;
  }
  return each ? targets.map((slot) => ({ slot, amount })) : [{ slot: '', amount }];
}

function resetOf({ per, burst }: Budget, nowMs: number): number | null {
  const span = burst === undefined ? spanOf(per) : null;
  return span === null ? null : (Math.floor(nowMs / span) + 1) * span;
}
