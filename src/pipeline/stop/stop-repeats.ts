import { type Clock, toInstant } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Scope } from '../../containment/levels.ts';
import type { Recorder } from '../record.ts';
import type { Draft } from '../recording/draft.ts';
import type { Cutting } from './live.ts';

/** How a stop gets into the log: by an entry of its own, or counted with the very same stop. */
export interface StopRecord {
  /** Resolves when the log has it, or the first of those it is counted with; rejects as that does. */
  record(recorder: Recorder, draft: Draft): Promise<void>;
}

/** The entry that counts: as the one that was recorded, with the level that holds by now. */
type Again = (draft: Draft) => Draft;

interface Told {
  readonly scope: Scope;
  /** Settles as its own entry does. */
  readonly first: Promise<void>;
  isRecorded: boolean;
  /** Of the same stop since, and when the first of those came. */
  repeats: number;
  sinceMs: number;
  write: ((more: { readonly repeats: number; readonly since: string }) => Promise<void>) | null;
  end(): Promise<void>;
}

/**
 * The very same stop (scope, level, who, reason) again within LIMITS.stopRepeatMs takes effect like any other, and is
 * counted: the first one's entry is written at once, and one more for all that came since. A release of the scope waits
 * for that one, and what comes after is a stop of its own.
 */
export class StopRepeats {
  readonly #told = new Map<string, Told>();
  readonly #clock: Clock;
  readonly #recording: (scope: Scope, run: () => Promise<void>) => Promise<void>;

  constructor(clock: Clock, recording: (scope: Scope, run: () => Promise<void>) => Promise<void>) {
    this.#clock = clock;
    this.#recording = recording;
  }

  /**
   * Call it in the tick of the stop. A repeat that comes when the first entry is written already, and that has cut something,
   * gets an entry of its own, because no other names what it cut.
   */
  enter(scope: Scope, who: readonly unknown[], cutting: Cutting, again: Again): StopRecord {
    const key = JSON.stringify([scope, ...who]);
    const told = this.#told.get(key);
    if (told !== undefined && (!told.isRecorded || cutting.things.length === 0)) {
      if (told.repeats++ === 0) told.sinceMs = this.#clock.now();
      return { record: () => told.first };
    }
    if (told !== undefined || this.#told.size >= LIMITS.stopsRemembered)
      return { record: (recorder, draft) => recorder.record(draft).then(() => undefined) };
    return this.#begin(scope, key, again);
  }

  /** Writes what is counted, of a scope or of all, now. */
  async flush(scope?: Scope): Promise<void> {
    const due = [...this.#told.values()].filter((told) => scope === undefined || told.scope === scope);
    await Promise.all(due.map((told) => told.end()));
  }

  #begin(scope: Scope, key: string, again: Again): StopRecord {
    const { promise: first, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => void told.end(), LIMITS.stopRepeatMs).unref();
    const told: Told = {
      scope,
      first,
      isRecorded: false,
      repeats: 0,
      sinceMs: 0,
      write: null,
      end: () => {
        clearTimeout(timer);
        this.#told.delete(key);
        return this.#recording(scope, () => this.#end(told));
      },
    };
    this.#told.set(key, told);
    // Whoever recorded it has the error.
    first.catch(() => void told.end());
    return {
      async record(recorder, draft) {
        told.write = (more) => {
          const counted = again({ ...draft, fields: { ...draft.fields, ...more } });
          return recorder.record(counted).then(
            () => undefined,
            () => recorder.owe(counted),
          );
        };
        const recorded = recorder.record(draft).then(() => {
          told.isRecorded = true;
        });
        recorded.then(resolve, reject);
        return recorded;
      },
    };
  }

  /** Where the first could not be recorded, each that was counted with it is owed by whoever gave it. */
  async #end(told: Told): Promise<void> {
    try {
      await told.first;
    } catch {
      return;
    }
    const { repeats, sinceMs } = told;
    told.repeats = 0;
    if (repeats > 0) await told.write?.({ repeats, since: toInstant(sinceMs) });
  }
}
