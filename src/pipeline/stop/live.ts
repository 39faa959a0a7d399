import type { Doing } from '../../containment/levels.ts';
import type { Level } from '../../model/level.ts';

/** At which levels what is alive is cut. */
export type Cut = Extract<Level, 'frozen' | 'killed'>;

/** Whose something is and what it does, as far as a stop can be about it. */
export interface LiveAbout extends Doing {
  readonly agent: string;
  readonly owner?: string;
}

/**
 * Something that runs for an agent and that a stop has to cut: whatever is alive registers itself with the HaltSwitch and
 * leaves when it has ended.
 */
export interface Live {
  readonly kind: 'call' | 'task' | 'process' | 'tunnel' | 'upstream' | 'subscription' | 'approval';
  /** Names it for a person: an action's id, a process's command, a tunnel's host. */
  readonly name: string;
  readonly about: LiveAbout;
  /**
   * Called in the stop's own tick. Nothing of it may be sent any more when this returns; a promise resolves once it has
   * really ended; null: nothing of it is cut at this level. Called again with every further stop: must bear it.
   */
  cut(level: Cut): void | Promise<void> | null;
  /** It was frozen, and is no more. Absent: what was cut is over. */
  resume?(): void;
}

/** One thing that a stop has cut. `ms`: from the stop to its end; null: it had not ended when it was looked at last. */
export interface CutThing {
  readonly kind: Live['kind'];
  readonly name: string;
  readonly agent: string;
  ms: number | null;
}

/** What a stop has cut, as it goes on. */
export interface Cutting {
  readonly things: readonly CutThing[];
  /** Resolves when all has ended, or after LIMITS.stopSettleMs. Never rejects. */
  readonly settled: Promise<void>;
}

export const NOTHING_CUT: Cutting = { things: [], settled: Promise.resolve() };
