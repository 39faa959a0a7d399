import type { TargetRef } from './action.ts';
import type { Review } from './decision.ts';

/** A standing approval: one person's yes in advance to so many actions of a kind. Times are epoch milliseconds. */
export interface Grant {
  readonly id: string;
  /** The question that it was given at. */
  readonly approval: string;
  readonly agent: string;
  readonly operation: string;
  /** Digest of the definition that she saw; null: nothing was pinned. */
  readonly pin: string | null;
  readonly door: string;
  /** An action's every target is one of these, or lies in one that is no place of files or addresses. */
  readonly targets: readonly TargetRef[];
  /** The reviews that it discharges, and nothing else. */
  readonly reviews: readonly Review[];
  /** Digest of the text of each of those rules, side by side. */
  readonly texts: readonly string[];
  /** Whose yes it is. */
  readonly person: string;
  readonly times: number;
  readonly givenAtMs: number;
  readonly untilMs: number;
  readonly used: number;
}

/** Why a grant stands no more. */
export type GrantEnd = 'used-up' | 'ran-out' | 'killed' | 'rules-changed' | 'agent-gone';
