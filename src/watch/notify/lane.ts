import { LIMITS } from '../../base/limits.ts';

/** A message that is being sent over a lane: the same one until it has arrived or is given up on. */
interface Parcel {
  readonly notice: string;
  readonly matters: readonly string[];
}

/** One person over one channel: what waits to be told there, one message at a time. */
export class Lane {
  readonly person: string;
  readonly channel: string;
  readonly waiting = new Set<string>();
  busy = false;
  parcel: Parcel | null = null;
  #failures = 0;
  #nextTryMs = 0;
  #nextPlainMs = 0;

  constructor(person: string, channel: string) {
    this.person = person;
    this.channel = channel;
  }

  get attempts(): number {
    return this.#failures;
  }

  /** After a message others wait a little, so that many questions become one message; a page does not wait. */
  ready(nowMs: number, page: boolean): boolean {
    return (
      !this.busy && nowMs >= this.#nextTryMs && (page || this.parcel !== null || nowMs >= this.#nextPlainMs)
    );
  }

  ended(nowMs: number): void {
    for (const id of this.parcel?.matters ?? []) this.waiting.delete(id);
    this.parcel = null;
    this.#failures = 0;
    this.#nextTryMs = 0;
    this.#nextPlainMs = nowMs + LIMITS.noticeGapMs;
  }

  /** Counts an attempt that did not arrive. True: give up on it. */
  failed(nowMs: number): boolean {
    this.#failures++;
    const { first, most } = LIMITS.noticeBackoffMs;
    this.#nextTryMs = nowMs + Math.min(most, first * 2 ** (this.#failures - 1));
    return this.#failures >= LIMITS.noticeAttempts;
  }
}
