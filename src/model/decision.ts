import type { ErrorCode } from '../base/errors.ts';
import type { Level } from './level.ts';
import type { Mark } from './mark.ts';
import type { PastFacts } from './past.ts';

/** One review that must be answered before the action may run: who is asked, by which rule. */
export interface Review {
  readonly who: string;
  readonly rule: string;
  /** How long its question stays open; the house's default where the rule does not say. */
  readonly withinMs?: number;
}

/** The breakers that held. */
export interface Tripped {
  readonly rules: readonly string[];
  readonly reason: string;
}

/** What was decided about one action, and by which rules. */
export interface Decision {
  readonly decision: 'allow' | 'review' | 'deny';
  /** Absent only for `allow`. */
  readonly code?: ErrorCode;
  /** Ids of the rules that determined the answer; for RULE_ERROR the rules that erred. */
  readonly rules: readonly string[];
  /** Why, for a person and for the model: the `@reason` of the deciding rules, else the table's sentence. */
  readonly reason: string;
  readonly reviews: readonly Review[];
  /** Levels that the deciding rules trip (`@trip`), strictest last: the agent is set to it. */
  readonly trips: readonly Level[];
  /** Which rules tripped and what they say; absent where none did. Beside a rule that errs they are not in `rules`. */
  readonly tripped?: Tripped;
  /** The question to people that this is about. */
  readonly approval?: { readonly id: string; readonly expires?: string };
  /** The standing approval that lets it run without a question. */
  readonly grant?: string;
  /** What the session had read, as this decision saw it; absent where nothing looked. */
  readonly marks?: readonly Mark[];
  /** What the agent had been through, where a rule in force looks at that. */
  readonly past?: Partial<PastFacts>;
}
