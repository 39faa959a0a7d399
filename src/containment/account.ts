import { DAY_MS, HOUR_MS, MINUTE_MS, minuteOf } from '../base/duration.ts';
import { LIMITS } from '../base/limits.ts';
import type { Budget, Period } from '../model/budget.ts';

const SPAN_MS: Readonly<Record<Exclude<Period, 'session' | 'life'>, number>> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};

const SPANS_MS = Object.values(SPAN_MS);

export function spanOf(per: Period): number | null {
  return per === 'session' || per === 'life' ? null : SPAN_MS[per];
}

/** One thing that is taken: how much, and of which slot (a target, or `''` for the whole). */
export interface Take {
  readonly slot: string;
  readonly amount: number;
}

/** A slot as it is stored: its text; null: nothing is to be stored of it any more. */
export interface Kept {
  readonly slot: string;
  readonly text: string | null;
}

/**
 * One budget of one agent (of one token, where the budget is by the session): what is spent or reserved in the present
 * period, by slot. Periods follow the clock in UTC; a clock that goes back begins none anew. A session is over when its
 * token was silent for LIMITS.sessionIdleMs. A rate has no period: its slots hold theoretical arrival times in epoch
 * milliseconds (GCRA). Constant cost.
 */
export class Account {
  #budget: Budget;
  readonly #slots = new Map<string, number>();
  /** The number of the present period; for a session, the minute in which its token acted last. */
  #period = 0;
  #used = 0;
  /**
   * Slots of which nothing needs to be stored any more: of a period that is over, or of an account that this one
   * replaced.
   */
  #stale: string[] = [];
  #isWarned = false;
  /** Until when its agent is half-open (null: it is not), as `halve` was told last; undefined: it was not told yet. */
  #halfUntil: number | null | undefined;
  /**
   * What was taken of each slot since the release, which counts a second time while its agent is half-open; null: it is
   * not.
   */
  #since: Map<string, number> | null = null;
  /** When the stored amounts were read, after a start. */
  readonly #readMs: number;

  constructor(budget: Budget, readMs: number = Number.NEGATIVE_INFINITY) {
    this.#budget = budget;
    this.#readMs = readMs;
  }

  /** Moves on to the present period, and to whether its agent is half-open in it. */
  present(nowMs: number, halfUntilMs: number | null): void {
    this.turn(nowMs);
    this.halve(halfUntilMs);
  }

  /** Moves on to the present period. */
  turn(nowMs: number): void {
    const { per, burst } = this.#budget;
    if (burst !== undefined || per === 'life') return;
    if (per === 'session') {
      const minute = minuteOf(nowMs);
      if (minute - this.#period > LIMITS.sessionIdleMs / MINUTE_MS) this.#clear();
      this.#period = Math.max(this.#period, minute);
      return;
    }
    const period = Math.floor(nowMs / SPAN_MS[per]);
    if (period <= this.#period) return;
    this.#period = period;
    this.#clear();
  }

  /**
   * While its agent is half-open (until `untilMs`; null: it is not), only half of what was left at the release can be
   * taken, rounded up; a rate is halved. After a restart nobody knows what was left at the release: then all that is
   * spent counts as taken since.
   */
  halve(untilMs: number | null): void {
    if (untilMs === this.#halfUntil) return;
    const isUnknown =
      this.#halfUntil === undefined && untilMs !== null && this.#readMs > untilMs - LIMITS.halfOpenMs;
    this.#since = untilMs === null ? null : new Map(isUnknown ? this.#slots : []);
    this.#halfUntil = untilMs;
  }

  get halfUntil(): number | null {
    return this.#halfUntil ?? null;
  }

  #clear(): void {
    this.#since?.clear();
    for (const slot of this.#slots.keys()) this.#stale.push(slot);
    this.#slots.clear();
    this.#used = 0;
    this.#isWarned = false;
  }

  /** Whether all of it fits, together. Changes nothing. */
  fits(takes: readonly Take[], nowMs: number): boolean {
    const { limit, measure, each, burst } = this.#budget;
    if (burst !== undefined) return takes.every((take) => this.#rateFits(take, burst, nowMs));
    if (measure === 'targets') {
      let fresh = 0;
      for (const { slot } of takes) if (!this.#slots.has(slot)) fresh++;
      if (fresh === 0) return this.#slots.size <= limit;
      return this.#holds(this.#slots.size, this.#since?.size ?? 0, fresh);
    }
    if (measure === 'time')
      return takes.every(({ slot }) => this.#usedOf(slot) + this.#sinceOf(slot) < limit);
    if (!each) return this.#holds(this.#used, this.#sinceOf(''), takes[0]?.amount ?? 0);
    return takes.every(
      ({ slot, amount }) =>
        this.#holds(this.#usedOf(slot), this.#sinceOf(slot), amount) &&
        (this.#slots.has(slot) || this.#slots.size < LIMITS.budgetTargets),
    );
  }

  /**
   * Whether `amount` more fits. While half-open, with `left` as it was at the release: since + amount <= ceil(left /
   * 2).
   */
  #holds(used: number, since: number, amount: number): boolean {
    const { limit } = this.#budget;
    return used + amount <= limit && (this.#since === null || used + since + 2 * amount <= limit + 1);
  }

  #sinceOf(slot: string): number {
    return this.#since?.get(slot) ?? 0;
  }

  add(takes: readonly Take[], nowMs: number): void {
    const { burst } = this.#budget;
    for (const { slot, amount } of takes) {
      const before = this.#slots.get(slot) ?? 0;
      if (burst !== undefined) this.#slots.set(slot, Math.max(before, nowMs) + this.#intervalMs() * amount);
      else {
        const isFresh = this.#budget.measure !== 'targets' || before === 0;
        if (isFresh) this.#since?.set(slot, this.#sinceOf(slot) + amount);
        this.#set(slot, before + amount);
      }
    }
  }

  /**
   * Gives back what was reserved and did not happen, unless its period is over. `halfUntil`: what it was when this was
   * reserved.
   */
  giveBack(takes: readonly Take[], period: number, halfUntil: number | null): void {
    if (period !== this.#period && this.#budget.per !== 'session') return;
    for (const { slot, amount } of takes) {
      const before = this.#slots.get(slot);
      if (before === undefined) continue;
      if (this.#budget.burst !== undefined) this.#slots.set(slot, before - this.#intervalMs() * amount);
      else {
        this.#set(slot, Math.max(0, before - amount));
        if (halfUntil === this.halfUntil) this.#unsay(slot, amount);
      }
    }
  }

  #unsay(slot: string, amount: number): void {
    const isGone = this.#budget.measure !== 'targets' || !this.#slots.has(slot);
    const since = this.#sinceOf(slot) - (isGone ? amount : 0);
    if (since > 0) this.#since?.set(slot, since);
    else this.#since?.delete(slot);
  }

  /** The same, or twice as much of a rate while its agent is half-open. */
  weighed(takes: readonly Take[]): readonly Take[] {
    if (this.#since === null || this.#budget.burst === undefined) return takes;
    return takes.map(({ slot, amount }) => ({ slot, amount: 2 * amount }));
  }

  get period(): number {
    return this.#period;
  }

  /** How much of the limit is used: of the whole, or of the slot that has used most. */
  used(nowMs: number): number {
    const { measure, each, burst, limit } = this.#budget;
    if (measure === 'targets') return this.#slots.size;
    if (burst !== undefined) {
      const ahead = Math.max(0, ...[...this.#slots.values()].map((at) => at - nowMs));
      return Math.min(limit, Math.ceil(ahead / this.#intervalMs()));
    }
    return each ? Math.max(0, ...this.#slots.values()) : this.#used;
  }

  /** How much can be had now; where each slot has a limit of its own, of the fullest one. */
  left(nowMs: number): number {
    const { measure, limit, each, burst } = this.#budget;
    if (burst !== undefined) return Math.ceil((limit - this.used(nowMs)) / (this.#since === null ? 1 : 2));
    if (measure === 'targets') return this.#room(this.#slots.size, this.#since?.size ?? 0);
    if (!each) return this.#room(this.#used, this.#sinceOf(''));
    const rooms = [...this.#slots].map(([slot, used]) => this.#room(used, this.#sinceOf(slot)));
    return Math.min(this.#room(0, 0), ...rooms);
  }

  /** The largest amount for which `#holds` is true. */
  #room(used: number, since: number): number {
    const { limit } = this.#budget;
    const whole = Math.max(0, limit - used);
    return this.#since === null
      ? whole
      : Math.min(whole, Math.max(0, Math.floor((limit + 1 - used - since) / 2)));
  }

  /**
   * How far the budget is used, in percent, once `share` more is taken of these slots; while half-open, in percent of
   * what can then be had. Constant cost.
   */
  percent(takes: readonly Take[], share: number): number {
    const { limit } = this.#budget;
    const total = this.#countedBy(takes) + (this.#since === null ? share : 2 * share);
    // Halving rounds up, so the total may be one more than the limit.
    const isLast = this.#since !== null && total === limit + 1;
    return Math.floor(((isLast ? limit : total) * 100) / limit);
  }

  /** What is used of these slots, with what was taken since a release counted twice. */
  #countedBy(takes: readonly Take[]): number {
    if (this.#since === null) return this.usedBy(takes);
    const { measure, each } = this.#budget;
    if (measure === 'targets') return this.#slots.size + this.#since.size;
    if (!each) return this.#used + this.#sinceOf('');
    return Math.max(0, ...takes.map(({ slot }) => this.#usedOf(slot) + this.#sinceOf(slot)));
  }

  /** How much is used of these slots, or of the fullest of them. Constant cost. */
  usedBy(takes: readonly Take[]): number {
    const { measure, each } = this.#budget;
    if (measure === 'targets') return this.#slots.size;
    return each ? Math.max(0, ...takes.map(({ slot }) => this.#usedOf(slot))) : this.#used;
  }

  /** Whether the soft limit has just been reached: true once in a period. */
  warns(takes: readonly Take[]): boolean {
    const { soft, limit, burst } = this.#budget;
    if (soft === undefined || burst !== undefined || this.#isWarned) return false;
    if (this.#countedBy(takes) * 100 < limit * soft) return false;
    this.#isWarned = true;
    return true;
  }

  /** What is to be stored after these slots were changed, and some of what need not be any more. */
  kept(takes: readonly Take[]): readonly Kept[] {
    const kept: Kept[] = takes.map(({ slot }) => {
      const value = this.#slots.get(slot);
      return { slot, text: value === undefined ? null : `${value}@${this.#period}` };
    });
    if (this.#stale.length === 0) return kept;
    const stale = this.#stale.splice(0, LIMITS.budgetStale);
    return [...stale.filter((slot) => !this.#slots.has(slot)).map((slot) => ({ slot, text: null })), ...kept];
  }

  /**
   * Takes in a stored slot after a start. A text that cannot be read counts as a spent budget: nothing is allowed
   * because of it.
   */
  recall(slot: string, text: string, nowMs: number): void {
    const [, value, written] = /^(\d{1,16})@(\d{1,16})$/.exec(text) ?? [];
    if (value === undefined || written === undefined) {
      this.#set(slot, Math.max(this.#budget.limit, this.#usedOf(slot)));
      return;
    }
    const period = this.#periodNow(Number(written), nowMs);
    if (period > this.#period) {
      this.#period = period;
      this.#clear();
    }
    if (period === this.#period || this.#budget.per === 'session') this.#set(slot, Number(value));
    else this.#stale.push(slot);
  }

  /**
   * A stored period number, as it counts now. It may be of another unit, because an apply has made the budget's period
   * longer or shorter since: where that period is not over, what was spent in it counts in the present one. For life
   * everything is in period 0. Numbers of days, hours and minutes are so far apart that they tell the unit.
   */
  #periodNow(period: number, nowMs: number): number {
    const { burst, per } = this.#budget;
    const span = burst === undefined ? spanOf(per) : null;
    if (span === null) return period;
    const now = Math.floor(nowMs / span);
    const isOfAnother = SPANS_MS.some((other) => other > span && Math.floor(nowMs / other) === period);
    return period === 0 || isOfAnother || period > 2 * now ? now : period;
  }

  /**
   * Goes on under what an apply has made of its budget, keeping what was spent; where the period is of another length
   * now, as spent in the present one. False, and nothing is changed: the budget counts something else by now.
   */
  goesOnAs(budget: Budget, nowMs: number): boolean {
    const { measure, burst, per } = this.#budget;
    if (measure !== budget.measure || (burst === undefined) !== (budget.burst === undefined)) return false;
    this.#budget = budget;
    const span = burst === undefined ? spanOf(budget.per) : null;
    if (per !== budget.per && span !== null) this.#period = Math.floor(nowMs / span);
    return true;
  }

  /** Takes the place of an account that counted something else: what is stored under that one's slots can go. */
  replaces(other: Account): void {
    this.#stale.push(...other.#slots.keys(), ...other.#stale);
  }

  #set(slot: string, value: number): void {
    this.#used += value - (this.#budget.burst === undefined ? (this.#slots.get(slot) ?? 0) : value);
    if (value === 0 && this.#budget.measure === 'targets') this.#slots.delete(slot);
    else this.#slots.set(slot, value);
  }

  #usedOf(slot: string): number {
    return this.#slots.get(slot) ?? 0;
  }

  #intervalMs(): number {
    return (spanOf(this.#budget.per) ?? 1) / this.#budget.limit;
  }

  #rateFits({ slot, amount }: Take, burst: number, nowMs: number): boolean {
    const interval = this.#intervalMs();
    if (this.#slots.size >= LIMITS.budgetTargets)
      for (const [name, at] of this.#slots) if (at <= nowMs) this.#slots.delete(name);
    const arrival = Math.max(this.#slots.get(slot) ?? 0, nowMs) + interval * amount;
    return (
      // A burst of one cannot be halved: one still fits while half-open, half as often.
      arrival <= nowMs + interval * Math.max(burst, amount) &&
      (this.#slots.has(slot) || this.#slots.size < LIMITS.budgetTargets)
    );
  }
}
