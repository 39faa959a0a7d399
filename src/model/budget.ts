export const PERIODS = ['minute', 'hour', 'day', 'session', 'life'] as const;
export type Period = (typeof PERIODS)[number];

/**
 * What is counted: allowed actions, different targets, money, the bytes of the arguments that are sent, the time that calls
 * run (known only when they have ended).
 */
export const MEASURES = ['actions', 'targets', 'money', 'bytes', 'time'] as const;
type Measure = (typeof MEASURES)[number];

/** How much an agent may do, of what, in which time. Counted outside of the agent, whatever session or token it uses. */
export interface Budget {
  readonly id: string;
  readonly measure: Measure;
  /** Actions, targets, bytes; ms of `time`; ten-thousandths of a unit of `money`. */
  readonly limit: number;
  readonly per: Period;
  /** Groups and operations that it is about, as rules name them; none: every action. */
  readonly of: readonly string[];
  /** Counted for each target by itself. */
  readonly each: boolean;
  /** A rate: so many at once, then evenly (GCRA). Of `actions` by the minute, hour or day. */
  readonly burst?: number;
  /** Of `money`: letters as the catalog gives them, in capitals. */
  readonly currency?: string;
  /** It is told when so many percent are spent. */
  readonly soft?: number;
}

export const MONEY_SCALE = 10_000;

/**
 * How one budget of an agent stands. `left`: what can be had now; less than is not used where the agent was released lately,
 * until `halfUntilMs` (null: it was not). `resetsAtMs`: null where it never does, or it is a rate.
 */
export interface BudgetStanding {
  readonly budget: Budget;
  readonly used: number;
  readonly left: number;
  readonly halfUntilMs: number | null;
  readonly resetsAtMs: number | null;
}
