import { HOUR_MS } from '../base/duration.ts';
import { LIMITS } from '../base/limits.ts';

/** What an agent did in one hour: changes, and different targets of them. */
interface Hour {
  readonly hour: number;
  changes: number;
  targets: number;
}

/** What is usual for an agent in an hour in which it works. 0: not known yet. */
interface UsualHour {
  readonly changes: number;
  readonly targets: number;
}

const UNKNOWN: UsualHour = { changes: 0, targets: 0 };

/**
 * What is usual for an agent: the 95th percentile of its own hours with work, of the last LIMITS.usualDays. Known once
 * there were LIMITS.usualHours of them, so that one wild hour of a new agent is nobody's measure. Worked out once an
 * hour, and the present hour is no part of it.
 */
export class Usual {
  readonly #hours: Hour[] = [];
  #known: { readonly hour: number; readonly usual: UsualHour } | null = null;
  #isStored = true;

  add(atMs: number, targets: number): void {
    const hour = Math.floor(atMs / HOUR_MS);
    let last = this.#hours.at(-1);
    // What was stored of an hour is all of it; read again from the log it would count twice.
    if (last !== undefined && hour < last.hour) return;
    if (last?.hour !== hour) {
      last = { hour, changes: 0, targets: 0 };
      this.#hours.push(last);
      this.#isStored = this.#hours.length === 1;
      while ((this.#hours[0]?.hour ?? hour) <= hour - LIMITS.usualDays * 24) this.#hours.shift();
    }
    last.changes++;
    last.targets = Math.max(last.targets, targets);
  }

  at(nowMs: number): UsualHour {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (this.#known?.hour !== hour) this.#known = { hour, usual: this.#measure(hour) };
    return this.#known.usual;
  }

  #measure(now: number): UsualHour {
    const hours = this.#hours.filter(({ hour }) => hour < now && hour > now - LIMITS.usualDays * 24);
    if (hours.length < LIMITS.usualHours) return UNKNOWN;
    return { changes: p95(hours.map((one) => one.changes)), targets: p95(hours.map((one) => one.targets)) };
  }

  /** The hours that are over, as text, where that is to be stored again; null where nothing is new. */
  takeUnstored(): string | null {
    if (this.#isStored) return null;
    this.#isStored = true;
    return JSON.stringify(
      this.#hours.slice(0, -1).map(({ hour, changes, targets }) => [hour, changes, targets]),
    );
  }

  /** Reads what was stored, before anything was added. What cannot be read is no measure: the agent is as a new one. */
  recall(text: string): void {
    let rows: unknown;
    try {
      rows = JSON.parse(text);
    } catch {
      return;
    }
    if (!Array.isArray(rows)) return;
    for (const row of rows.slice(-LIMITS.usualDays * 24)) {
      const [hour, changes, targets] = Array.isArray(row) ? (row as unknown[]) : [];
      if (isCount(hour) && isCount(changes) && isCount(targets)) this.#hours.push({ hour, changes, targets });
    }
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function p95(counts: number[]): number {
  counts.sort((a, b) => a - b);
  return counts[Math.ceil(counts.length * 0.95) - 1] ?? 0;
}
