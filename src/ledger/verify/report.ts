import { LIMITS } from '../../base/limits.ts';
import type { CoverageReport } from './runs.ts';

/** What can be wrong with a log. The names are stable: `log verify --json` prints them. */
export type FaultCode =
  /** The header of a bundle, or what it says of itself, cannot be read or does not agree. */
  | 'bad-header'
  /** The checkpoint is no checkpoint, or its signature does not fit. */
  | 'bad-checkpoint'
  /** The checkpoint is not signed by the key it is to be verified with. */
  | 'wrong-key'
  /** A line or text is no entry. */
  | 'not-an-entry'
  /** The text is not RFC 8785: another text with the same meaning was signed, or none. */
  | 'not-canonical'
  /** The text does not give the leaf that stands beside it. */
  | 'changed'
  | 'missing'
  | 'duplicated'
  | 'reordered'
  /** The log ends before the checkpoint does. */
  | 'truncated'
  /** Entries follow that the checkpoint does not cover, where none may, or more than ever wait for one. */
  | 'not-covered'
  /** The entries do not give the root that was signed: changed, added or removed, leaves and all. */
  | 'root-mismatch'
  /** A checkpoint kept elsewhere covers more entries than there are. */
  | 'rolled-back'
  /** A checkpoint kept elsewhere has another root for the same entries. */
  | 'rewritten'
  /** What a person signed does not hold: not hers, not of this change, not verified, or there twice. */
  | 'bad-proof'
  /** It widens, a passkey had been enrolled before, and nobody signed it. */
  | 'unproven'
  /** No checkpoint kept elsewhere is signed by the log's key. */
  | 'not-witnessed'
  /** The stored subtree roots do not give the root that was signed. */
  | 'bad-frontier'
  /** --deep: an outcome of an action that was not allowed before, or has its outcome already. */
  | 'outcome-without-allow'
  /** --deep: a continuation of an action that is not open. */
  | 'continued-without-allow'
  /** --deep: a grant used by what it does not cover, more often than it was given for, or uncounted. */
  | 'bad-grant'
  /** --deep: allowed a second time, be its outcome open or there. */
  | 'allowed-twice'
  /** --deep: the action's digest is not that of the fields beside it. */
  | 'bad-digest';

export interface Fault {
  readonly code: FaultCode;
  /** The first entry concerned, by seq; null where it concerns no particular one. */
  readonly from: number | null;
  /** One line for a person. */
  readonly what: string;
}

export interface Report {
  readonly holds: boolean;
  /** Entries looked at. */
  readonly entries: number;
  /** How many the checkpoint covers; 0 without a valid one. */
  readonly covered: number;
  /** Entries behind the checkpoint: each holds in itself, and no signature speaks for them yet. */
  readonly tail: number;
  readonly origin: string | null;
  readonly key: {
    readonly line: string;
    readonly fingerprint: string;
    /** false: it came with the log itself, which proves integrity, not origin. */
    readonly given: boolean;
  } | null;
  /** The first LIMITS.reportedFaults of them. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  /** The log is unharmed before this entry, as far as its own order shows; null when nothing is broken. */
  readonly brokenFrom: number | null;
  /** With checkpoints kept elsewhere: how many the log was held against. */
  readonly against?: number;
  /** With --deep: actions that were allowed and have no outcome. */
  readonly open?: readonly OpenAction[];
  /** With --deep: what the log says of its own completeness. No fault is made of it. */
  readonly coverage?: CoverageReport;
}

export interface OpenAction {
  readonly action: string;
  /** The entry that allowed it. */
  readonly seq: number;
}

const MOST_PLACES = 1000;

/** Gathers faults: keeps the first ones, counts all. */
export class Faults {
  readonly kept: Fault[] = [];
  count = 0;
  /** Where faults were found; of many, the first ones. */
  readonly #places: number[] = [];
  brokenFrom: number | null = null;

  /** The first fault that was found at an entry of the range. */
  firstWithin({ from, to }: { readonly from: number; readonly to: number }): number | null {
    const within = this.#places.filter((place) => from <= place && place < to);
    return within.length === 0 ? null : Math.min(...within);
  }

  add(code: FaultCode, from: number | null, what: string): void {
    this.count++;
    if (this.kept.length < LIMITS.reportedFaults) this.kept.push({ code, from, what });
    const place = from ?? 0;
    if (from !== null && this.#places.length < MOST_PLACES) this.#places.push(from);
    if (this.brokenFrom === null || place < this.brokenFrom) this.brokenFrom = place;
  }
}
