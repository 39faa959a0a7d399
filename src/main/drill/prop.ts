import type { Result } from '../../base/result.ts';
import type { DrilledThing, DrillLevel } from './thing.ts';

/** When the brake was pulled: on the clock that only goes on, and on the one that dates files. */
export interface Gesture {
  readonly level: DrillLevel;
  readonly atMs: number;
  readonly wallMs: number;
  /** When it had returned. */
  readonly returnedMs: number;
}

/** What a drill has alive besides calls, and a stop must end: raised before the gesture, looked at after it. */
export interface Prop {
  /** What it is, as a report that could not try it says. */
  readonly what: string;
  /** Resolves once it is alive as seen from outside; an error says why it did not come to be. */
  raise(): Promise<Result<void, string>>;
  see(gesture: Gesture): Promise<DrilledThing>;
  /** After the release: whether it goes on; null where it is over for good. */
  goesOn(): Promise<boolean> | null;
  /** Ends what is left of it, raised or not. Once. */
  end(): Promise<void>;
}
