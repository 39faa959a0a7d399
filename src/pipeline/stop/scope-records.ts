import type { Clock } from '../../base/clock.ts';
import type { Scope } from '../../containment/levels.ts';
import { StopRepeats } from './stop-repeats.ts';

/**
 * What is on its way into the log of each scope: its stops, and its release. A stop holds before it is recorded; a release
 * holds by its record alone, and is recorded when all stops of its scope are: one that came later there would stand after
 * its own release.
 */
export class ScopeRecords {
  /** The very same stops, counted together. */
  readonly repeats: StopRepeats;
  readonly #stops = new Map<Scope, Set<Promise<unknown>>>();
  readonly #releases = new Set<Scope>();
  readonly #onRelease: () => void;

  /** `onRelease`: told when the recording of a release begins, and when it ends. */
  constructor(clock: Clock, onRelease: () => void) {
    this.#onRelease = onRelease;
    this.repeats = new StopRepeats(clock, (scope, run) => this.recording(scope, run));
  }

  /** A stop of this scope is on its way into the log until this is over. */
  async recording<T>(scope: Scope, record: () => Promise<T>): Promise<T> {
    const under = this.#stops.get(scope) ?? new Set();
    this.#stops.set(scope, under);
    const recorded = record();
    under.add(recorded);
    try {
      return await recorded;
    } finally {
      under.delete(recorded);
      if (under.size === 0) this.#stops.delete(scope);
    }
  }

  /** The release of this scope is, until this is over: until then the log alone says whether it happened. */
  async releasing<T>(scope: Scope, record: () => Promise<T>): Promise<T> {
    void this.repeats.flush(scope);
    for (let under = this.#stops.get(scope); under !== undefined; under = this.#stops.get(scope))
      await Promise.allSettled(under);
    this.#releases.add(scope);
    this.#onRelease();
    try {
      return await record();
    } finally {
      this.#releases.delete(scope);
      this.#onRelease();
    }
  }

  isReleasing(scope: Scope): boolean {
    return this.#releases.has(scope);
  }

  /** It was stopped again while it was being released: the level that holds is that of the stop. */
  stoppedAgain(scope: Scope): void {
    this.#releases.delete(scope);
  }
}
