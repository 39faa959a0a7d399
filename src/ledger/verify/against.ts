import type { Checkpoint } from '../checkpoint.ts';
import type { Faults } from './report.ts';
import { isSameHash } from './root.ts';

/**
 * Holds a log that is being read against checkpoints that were kept elsewhere: the root at each of their sizes must be
 * the one that was signed then. Finds a log that was set back, and one that was rewritten with the key itself.
 */
export class Against {
  readonly #bySize = new Map<number, Checkpoint[]>();
  /** The largest size at which every root agreed. */
  #agreed = 0;
  #disagreed: number | null = null;
  readonly count: number;

  constructor(checkpoints: readonly Checkpoint[]) {
    this.count = checkpoints.length;
    for (const checkpoint of checkpoints) {
      const same = this.#bySize.get(checkpoint.size);
      if (same === undefined) this.#bySize.set(checkpoint.size, [checkpoint]);
      else same.push(checkpoint);
    }
  }

  /** The log has come to `size`; `root` makes its root, latin1. */
  see(size: number, root: () => string): void {
    const kept = this.#bySize.get(size);
    if (kept === undefined || this.#disagreed !== null) return;
    const here = root();
    if (kept.every((checkpoint) => isSameHash(checkpoint.root, here))) this.#agreed = size;
    else this.#disagreed = size;
  }

  finish(size: number, faults: Faults): void {
    if (this.count === 0) {
      const what =
        'none of the checkpoints that were kept elsewhere is signed by the key of this log: it is another log, or was given another key';
      faults.add('not-witnessed', null, what);
      return;
    }
    if (this.#disagreed !== null) {
      const range = { from: this.#agreed, to: this.#disagreed };
      // Where the log holds in itself, whoever rewrote it had the key.
      const key = faults.count === 0 ? ", and signed with the log's own key" : '';
      const what = `the checkpoint kept elsewhere for the first ${range.to} entries has another root: what lies between entry ${range.from} and ${range.to - 1} was rewritten${key}`;
      faults.add('rewritten', faults.firstWithin(range) ?? range.from, what);
    }
    const newest = Math.max(...this.#bySize.keys());
    if (newest > size) {
      const what = `the newest checkpoint kept elsewhere covers ${newest} entries and this log ends after ${size}: it was set back by ${newest - size}, or is older than that checkpoint`;
      faults.add('rolled-back', size, what);
    }
  }
}
