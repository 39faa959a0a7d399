import { MINUTE_MS } from '../base/duration.ts';
/**
 * Counts what happened within a span, in slots of time: an event drops out when the span since it is over, or at most
 * one slot earlier. Constant cost.
 */
export class Window {
  readonly #slots: Uint32Array;
  readonly #slotMs: number;
  #now = Number.NEGATIVE_INFINITY;
  #sum = 0;

  constructor(slots: number, slotMs: number) {
    this.#slots = new Uint32Array(slots);
    this.#slotMs = slotMs;
  }

  add(atMs: number, count = 1): void {
    const slot = Math.floor(atMs / this.#slotMs);
    const length = this.#slots.length;
    this.#advance(slot);
    // After a clock was set back it counts as now, so that nothing is forgotten early.
    if (this.#now - slot >= length) return;
    const place = Math.max(slot, this.#now) % length;
    this.#slots[place] = (this.#slots[place] ?? 0) + count;
    this.#sum += count;
  }

  countAt(nowMs: number): number {
    this.#advance(Math.floor(nowMs / this.#slotMs));
    return this.#sum;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#sum = 0;
  }

  #advance(slot: number): void {
    if (slot <= this.#now) return;
    const length = this.#slots.length;
    const gone = Math.min(length, slot - this.#now);
    for (let i = 0; i < gone; i++) {
      const place = (slot - i) % length;
      this.#sum -= this.#slots[place] ?? 0;
      this.#slots[place] = 0;
    }
    this.#now = slot;
  }
}

/** The last hour, to the minute. */
export const hourWindow = (): Window => new Window(60, MINUTE_MS);
/** The last minute, to the second. */
export const minuteWindow = (): Window => new Window(60, 1000);

/** Which different things there were within a span, each remembered by when it came last. Constant cost, bounded. */
export class DistinctWindow {
  readonly #lastMs = new Map<string, number>();
  readonly #spanMs: number;
  readonly #most: number;

  constructor(spanMs: number, most: number) {
    this.#spanMs = spanMs;
    this.#most = most;
  }

  add(key: string, atMs: number): void {
    // Re-inserted, so that the oldest stands first.
    this.#lastMs.delete(key);
    this.#lastMs.set(key, atMs);
    if (this.#lastMs.size > this.#most) this.#forgetOldest();
  }

  /** How many different things there were, at most the bound, which is beyond anybody's limit. */
  countAt(nowMs: number): number {
    for (const [key, atMs] of this.#lastMs) {
      if (atMs > nowMs - this.#spanMs) break;
      this.#lastMs.delete(key);
    }
    return this.#lastMs.size;
  }

  clear(): void {
    this.#lastMs.clear();
  }

  #forgetOldest(): void {
    for (const key of this.#lastMs.keys()) {
      this.#lastMs.delete(key);
      return;
    }
  }
}
