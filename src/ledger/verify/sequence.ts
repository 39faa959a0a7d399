import { LIMITS } from '../../base/limits.ts';
import type { Faults } from './report.ts';

/** Entries count up from a first seq without gap or repetition; what does not is named for what happened to it. */
export class Sequence {
  #next: number;
  readonly #faults: Faults;
  /** What was skipped so far, as [from, to): an entry that turns up later was moved, not lost. Bounded. */
  #skipped: { from: number; to: number }[] = [];

  constructor(first: number, faults: Faults) {
    this.#next = first;
    this.#faults = faults;
  }

  see(seq: number): void {
    if (seq === this.#next) this.#next++;
    else if (seq > this.#next) this.#skip(seq);
    else this.#comeBack(seq);
  }

  /** Something unreadable stands where the next entry should: it is taken for that one. */
  pass(): void {
    this.#next++;
  }

  /** Names what never came. */
  end(): void {
    for (const { from, to } of this.#skipped) {
      const which = to - from === 1 ? `entry ${from} is` : `entries ${from} to ${to - 1} are`;
      this.#faults.add('missing', from, `${which} missing`);
    }
  }

  #skip(seq: number): void {
    if (this.#skipped.length < LIMITS.reportedFaults) this.#skipped.push({ from: this.#next, to: seq });
    else this.#faults.add('missing', this.#next, `entry ${seq} follows where ${this.#next} should stand`);
    this.#next = seq + 1;
  }

  #comeBack(seq: number): void {
    const gap = this.#skipped.find(({ from, to }) => from <= seq && seq < to);
    if (gap === undefined) {
      this.#faults.add('duplicated', seq, `entry ${seq} stands there a second time, before ${this.#next}`);
      return;
    }
    this.#skipped = this.#skipped.flatMap((one) => {
      if (one !== gap) return [one];
      return [
        { from: gap.from, to: seq },
        { from: seq + 1, to: gap.to },
      ].filter(({ from, to }) => from < to);
    });
    this.#faults.add('reordered', seq, `entry ${seq} stands behind entry ${this.#next - 1}`);
  }
}
