import { BriefMap } from '../../base/brief-map.ts';
import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { withoutStacks } from '../../base/without-stacks.ts';
import { Ladder, type Scope } from '../../containment/levels.ts';
import { type Cut, type CutThing, type Cutting, type Live, NOTHING_CUT } from './live.ts';

/** All that is alive, each until it leaves; what a stop cuts, and what goes on when it is frozen no more. */
export class LiveThings {
  readonly #clock: Clock;
  readonly #all = new BriefMap<Live, Live>();
  /** Those that were frozen and can be resumed. */
  readonly #held = new Set<Live>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers how to leave. */
  register(live: Live): () => void {
    this.#all.set(live, live);
    return () => {
      this.#all.delete(live);
      this.#held.delete(live);
    };
  }

  /** As they are now. */
  all(): readonly Live[] {
    return this.#all.values();
  }

  /** What a stop of this scope would cut now. */
  within(scope: Scope): readonly Live[] {
    const ladder = new Ladder(new Map([[scope, 'killed']]));
    return this.all().filter(
      ({ about }) => ladder.levelOf(about.agent, about.owner, about, 'live') === 'killed',
    );
  }

  /** Cuts them, in this tick. */
  cut(those: readonly Live[], level: Cut): Cutting {
    return those.length === 0 ? NOTHING_CUT : withoutStacks(() => this.#cut(those, level));
  }

  #cut(those: readonly Live[], level: Cut): Cutting {
    const from = this.#clock.monotonicMs();
    const since = () => Math.round((this.#clock.monotonicMs() - from) * 1000) / 1000;
    const things: CutThing[] = [];
    const ending: Promise<void>[] = [];
    for (const live of those) {
      const thing: CutThing = { kind: live.kind, name: live.name, agent: live.about.agent, ms: null };
      const ended = () => {
        thing.ms ??= since();
      };
      if (level === 'frozen' && live.resume !== undefined) this.#held.add(live);
      try {
        const coming = live.cut(level);
        if (coming === null) continue;
        if (coming === undefined) ended();
        else ending.push(coming.then(ended, () => undefined));
      } catch {
        // It counts as not ended, and the others are cut all the same.
      }
      things.push(thing);
    }
    return { things, settled: settledWithin(ending) };
  }

  /** Freezes those that must stand still and do not yet. */
  hold(mustStand: (live: Live) => boolean): void {
    this.cut(
      this.all().filter((live) => mustStand(live) && !this.#held.has(live)),
      'frozen',
    );
  }

  /** Lets go on what was frozen and need not stand still any more. */
  resume(mustStand: (live: Live) => boolean): void {
    for (const live of [...this.#held]) {
      if (mustStand(live)) continue;
      this.#held.delete(live);
      live.resume?.();
    }
  }
}

function settledWithin(ending: readonly Promise<void>[]): Promise<void> {
  if (ending.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => turnsLater(LIMITS.stopHeardTurns, resolve), LIMITS.stopSettleMs);
    void Promise.all(ending).then(() => {
      clearTimeout(late);
      // A turn later: what was cut is on its way into the log by then, before the stop that cut it.
      setImmediate(resolve);
    });
  });
}

function turnsLater(turns: number, then: () => void): void {
  if (turns === 0) then();
  else setImmediate(() => turnsLater(turns - 1, then));
}
