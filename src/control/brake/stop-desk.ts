import type { StopKey } from '../../pipeline/credentials/stop-keys.ts';
import type { OutsideStop } from '../../pipeline/stop/outside.ts';
import type { BrakeNews, StopReport } from './messages.ts';

/** What is asked for with a key. */
export interface AskedStop {
  readonly scope: OutsideStop['scope'];
  readonly level: OutsideStop['level'];
  readonly why?: string;
}

/** A stop that holds. */
export interface Stopped extends AskedStop {
  readonly atMs: number;
  /** Whether it survives a crash of the whole process already. */
  readonly kept: boolean;
  /** What the main thread said of it; null: it has not got to it yet. */
  readonly report: StopReport | null;
}

/** What the stop page stands on: on the brake's own thread, or on `control`. */
export interface StopDesk {
  holderOf(bearer: string): StopKey | null;
  /** In effect before it returns; resolves when there is something to be said about it. */
  stop(holder: StopKey, asked: AskedStop): Promise<Stopped>;
  news(): BrakeNews;
  /** Somebody came with another credential of ours: told in the log. */
  refused(bearer: string): void;
}
