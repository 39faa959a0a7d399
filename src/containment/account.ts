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

/** What is to be kept of a slot: its text; null: nothing any more. */
export interface Kept {
  readonly slot: string;
  readonly text: string | null;
}

/**
 * One budget of one agent (of one token, where it is by the session): what is spent or reserved in the present period, by
 * slot. A period begins anew by the clock in UTC and never by the clock going back; a session is over when its token was
 * silent for LIMITS.sessionIdleMs; a rate has no period but a theoretical arrival time (GCRA). Constant cost.
 */
export class Account {
  #budget: Budget;
  readonly #slots = new Map<string, number>();
  /** The period; of a session when its token acted last, in minutes. */
  #period = 0;
  #used = 0;
  /** Slots of the period before, of which nothing needs to be kept any more. */
  #stale: string[] = [];
  #isWarned = false;
  /** Until when it is half-open, as it was told last; undefined: it was not told yet. */
  #halfUntil: number | null | undefined;
  /** What was taken of each slot since the release, while it is half-open: that counts a second time. */
  #since: Map<string, number> | null = null;
  /** When what is kept of it was read, after a start. */
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
   * While its agent is half-open, half of what was left at the release can be taken, a half of one rounded up; of a rate, half of it.
   * Where nobody knows what was left (a restart came since) all that is spent counts as taken since. `untilMs`: null: it is not.
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

  /** With `left` at the release: since + amount <= ceil(left / 2). */
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
   * What was reserved and did not happen. Of a period that is over nothing is given back. `halfUntil`: as it was when it was
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

  /** Of a rate twice as much, while it is half-open. */
  weighed(takes: readonly Take[]): readonly Take[] {
    if (this.#since === null || this.#budget.burst === undefined) return takes;
    return takes.map(({ slot, amount }) => ({ slot, amount: 2 * amount }));
  }

  get period(): number {
    return this.#period;
  }

  /** The most that is used of the limit: of the whole, or of one slot. */
  used(nowMs: number): number {
    const { measure, each, burst, limit } = this.#budget;
    if (measure === 'targets') return this.#slots.size;
    if (burst !== undefined) {
      const ahead = Math.max(0, ...[...this.#slots.values()].map((at) => at - nowMs));
      return Math.min(limit, Math.ceil(ahead / this.#intervalMs()));
    }
    return each ? Math.max(0, ...this.#slots.values()) : this.#used;
  }

  /** How much of it can be had now, of the fullest slot where each has its own. */
  left(nowMs: number): number {
    const { measure, limit, each, burst } = this.#budget;
    if (burst !== undefined) return Math.ceil((limit - this.used(nowMs)) / (this.#since === null ? 1 : 2));
    if (measure === 'targets') return this.#room(this.#slots.size, this.#since?.size ?? 0);
    if (!each) return this.#room(this.#used, this.#sinceOf(''));
    const rooms = [...this.#slots].map(([slot, used]) => this.#room(used, this.#sinceOf(slot)));
    return Math.min(this.#room(0, 0), ...rooms);
  }

  /** The most that `#holds`. */
  #room(used: number, since: number): number {
    const { limit } = this.#budget;
    const whole = Math.max(0, limit - used);
    return this.#since === null
      ? whole
      : Math.min(whole, Math.max(0, Math.floor((limit + 1 - used - since) / 2)));
  }

  /** How far it is used once `share` is taken of these slots, in percent: of what can be had while it is half-open. Constant cost. */
  percent(takes: readonly Take[], share: number): number {
    const { limit } = this.#budget;
    const total = this.#countedBy(takes) + (this.#since === null ? share : 2 * share);
    // A half of one is rounded up.
    const isLast = this.#since !== null && total === limit + 1;
    return Math.floor(((isLast ? limit : total) * 100) / limit);
  }

  /** What was taken since a release a second time. */
  #countedBy(takes: readonly Take[]): number {
    if (this.#since === null) return this.usedBy(takes);
    const { measure, each } = this.#budget;
    if (measure === 'targets') return this.#slots.size + this.#since.size;
    if (!each) return this.#used + this.#sinceOf('');
    return Math.max(0, ...takes.map(({ slot }) => this.#usedOf(slot) + this.#sinceOf(slot)));
  }

  /** What is used of these slots, the most; constant cost. */
  usedBy(takes: readonly Take[]): number {
    const { measure, each } = this.#budget;
    if (measure === 'targets') return this.#slots.size;
    return each ? Math.max(0, ...takes.map(({ slot }) => this.#usedOf(slot))) : this.#used;
  }

  /** True once a period, when the soft limit is reached. */
  warns(takes: readonly Take[]): boolean {
    const { soft, limit, burst } = this.#budget;
    if (soft === undefined || burst !== undefined || this.#isWarned) return false;
    if (this.#countedBy(takes) * 100 < limit * soft) return false;
    this.#isWarned = true;
    return true;
  }

  /** What has to be kept after these were changed, and what can go. */
  kept(takes: readonly Take[]): readonly Kept[] {
    const kept: Kept[] = takes.map(({ slot }) => {
      const value = this.#slots.get(slot);
      return { slot, text: value === undefined ? null : `${value}@${this.#period}` };
    });
    if (this.#stale.length === 0) return kept;
    const stale = this.#stale.splice(0, LIMITS.budgetStale);
    return [...stale.filter((slot) => !this.#slots.has(slot)).map((slot) => ({ slot, text: null })), ...kept];
  }

  /** Reads what was kept, after a start. A text that cannot be read is a spent budget: nothing is allowed because of it. */
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
   * The number of the present period where it was counted in others, before an apply made them longer or shorter, and is
   * not over by those: then it is spent in the present one. For life all is period 0. Numbers of days, hours and minutes
   * are far apart.
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
   * Goes on under what an apply has made of its budget, with what was spent; false: it counts something else by now. By
   * another period, what was spent is taken as spent in the present one.
   */
  goesOnAs(budget: Budget, nowMs: number): boolean {
    const { measure, burst, per } = this.#budget;
    if (measure !== budget.measure || (burst === undefined) !== (budget.burst === undefined)) return false;
    this.#budget = budget;
    const span = burst === undefined ? spanOf(budget.per) : null;
    if (per !== budget.per && span !== null) this.#period = Math.floor(nowMs / span);
    return true;
  }

  /** Of an account that counted something else: what is kept under its slots can go. */
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
      // Half of a burst of one is one, half as often.
      arrival <= nowMs + interval * Math.max(burst, amount) &&
      (this.#slots.has(slot) || this.#slots.size < LIMITS.budgetTargets)
    );
  }
}
