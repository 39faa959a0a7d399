import { type ErrorCode, problem } from '../base/errors.ts';
import { asSentence } from '../base/sentence.ts';
import type { Decision, Review, Tripped } from '../model/decision.ts';
import { LEVELS } from '../model/level.ts';
import type { Scene } from './compile/evaluation.ts';
import { holds, type Rule } from './rule.ts';
import { EvaluationFault } from './values/fault.ts';

/** What the rules say of one target. */
export interface Verdict {
  readonly decision: 'allow' | 'review' | 'deny';
  readonly code?: ErrorCode;
  /** Those that determined it. */
  readonly rules: readonly Rule[];
  /** For RULE_ERROR: what went wrong in the first. */
  readonly what?: string;
  /** For RULE_ERROR and UNREPRESENTABLE: the forbids that held beside what erred, or could not see. */
  readonly forbids?: readonly Rule[];
}

/**
 * The decision for one target by the rules whose scope matches. In this order: an error denies; a forbid without `@review`
 * denies (before the permits are looked at, because a breaker must see it); no permit denies; a forbid with `@review` asks.
 * What is left is allowed. `needsPermit`: false where the permit has to come from another target.
 */
export function judge(rules: readonly Rule[], scene: Scene, needsPermit = true): Verdict {
  const permits: Rule[] = [];
  const forbids: Rule[] = [];
  const reviews: Rule[] = [];
  const erred: Rule[] = [];
  let what: string | undefined;
  for (const rule of rules) {
    try {
      if (!holds(rule, scene)) continue;
      if (rule.effect === 'permit') permits.push(rule);
      else if (rule.annotations.review === undefined) forbids.push(rule);
      else reviews.push(rule);
    } catch (thrown) {
      if (!(thrown instanceof EvaluationFault)) throw thrown;
      what ??= `${rule.id}: ${thrown.what}`;
      erred.push(rule);
    }
  }
  if (what !== undefined) return { decision: 'deny', code: 'RULE_ERROR', rules: erred, what, forbids };
  if (forbids.length > 0) return { decision: 'deny', code: 'FORBIDDEN', rules: forbids };
  if (needsPermit && permits.length === 0) return { decision: 'deny', code: 'NO_PERMIT', rules: [] };
  if (reviews.length > 0) return { decision: 'review', code: 'APPROVAL_UNAVAILABLE', rules: reviews };
  return { decision: 'allow', rules: needsPermit ? permits : [] };
}

/** The rule that stands for the level `watched`: everything but reading needs the owner. */
export const WATCHED: Review = { who: 'owner', rule: 'lanyard:watched' };

/** Where targets are denied for different reasons, the code named is the one furthest down this list. */
const SEVERITY: readonly (ErrorCode | undefined)[] = [
  'NO_PERMIT',
  'FORBIDDEN',
  'UNREPRESENTABLE',
  'RULE_ERROR',
];

/** One answer for all targets: the strictest wins, and the rules of those that gave it unite. */
export function unite(verdicts: readonly Verdict[], operation: string, watched: boolean): Decision {
  const denied = verdicts.filter(({ decision }) => decision === 'deny');
  if (denied.length > 0) return denial(denied, operation);
  const held = verdicts.filter(({ decision }) => decision === 'review');
  if (held.length > 0 || watched) return review(rulesOf(held), operation, watched);
  const rules = rulesOf(verdicts);
  const ids = rules.map(({ id }) => id);
  const reason = reasonOf(rules) ?? `Permitted by ${ids.join(', ')}.`;
  return { decision: 'allow', rules: ids, reason, reviews: [], trips: [] };
}

function denial(verdicts: readonly Verdict[], operation: string): Decision {
  const severities = verdicts.map(({ code }) => SEVERITY.indexOf(code));
  const worst = verdicts[severities.indexOf(Math.max(...severities))];
  const code = worst?.code ?? 'DECISION_FAILED';
  const rules = rulesOf(verdicts.filter((verdict) => verdict.code === code));
  const said = code === 'FORBIDDEN' ? reasonOf(rules) : undefined;
  const reason = said ?? problem(code, { operation, what: worst?.what ?? '' }).sentence;
  // A rule that errs, or that cannot see, must not disarm the breaker beside it.
  const breakers = verdicts.flatMap(forbidsOf).filter(({ annotations }) => annotations.trip !== undefined);
  const trips = new Set(breakers.map(({ annotations }) => annotations.trip));
  return {
    decision: 'deny',
    code,
    rules: rules.map(({ id }) => id),
    reason,
    reviews: [],
    trips: LEVELS.filter((level) => level !== 'live' && trips.has(level)),
    ...(breakers.length === 0 ? {} : { tripped: trippedBy(breakers, operation) }),
  };
}

function trippedBy(breakers: readonly Rule[], operation: string): Tripped {
  const rules = [...new Set(breakers)].sort((a, b) => a.index - b.index);
  const reason = reasonOf(rules) ?? problem('FORBIDDEN', { operation }).sentence;
  return { rules: rules.map(({ id }) => id), reason };
}

/** The forbids that held, whatever reason the denial names. */
export const forbidsOf = ({ code, rules, forbids = [] }: Verdict): readonly Rule[] =>
  code === 'FORBIDDEN' ? rules : forbids;

function review(rules: readonly Rule[], operation: string, watched: boolean): Decision {
  const reviews: Review[] = rules.map(({ id, annotations }) => ({
    who: annotations.review ?? 'owner',
    rule: id,
    ...(annotations.withinMs === undefined ? {} : { withinMs: annotations.withinMs }),
  }));
  if (watched) reviews.push(WATCHED);
  const code = 'APPROVAL_UNAVAILABLE';
  const who = [...new Set(reviews.map((each) => each.who))].join(', ');
  const sentence = problem(code, { operation, reviews: who }).sentence;
  const said = reasonOf(rules);
  const reason = said === undefined ? sentence : joinSentences([said, sentence]);
  return { decision: 'review', code, rules: reviews.map(({ rule }) => rule), reason, reviews, trips: [] };
}

/** A denial that no rule's own sentence explains. */
export function deny(code: ErrorCode, operation: string, rules: readonly string[] = [], what = ''): Decision {
  const reason = problem(code, { operation, what }).sentence;
  return { decision: 'deny', code, rules, reason, reviews: [], trips: [] };
}

/** Each rule once, in the order of the set. */
function rulesOf(verdicts: readonly Verdict[]): readonly Rule[] {
  const [first] = verdicts;
  // Nearly every call: one target, permitted by one rule.
  if (verdicts.length === 1 && first !== undefined && first.rules.length < 2) return first.rules;
  const rules = new Set(verdicts.flatMap((verdict) => verdict.rules));
  return [...rules].sort((a, b) => a.index - b.index);
}

function reasonOf(rules: readonly Rule[]): string | undefined {
  const reasons = rules.flatMap(({ annotations }) => annotations.reason ?? []);
  return reasons.length === 0 ? undefined : joinSentences([...new Set(reasons)]);
}

/** The last one stays as it was written. */
function joinSentences(sentences: readonly string[]): string {
  return sentences.map((text, i) => (i === sentences.length - 1 ? text : asSentence(text))).join(' ');
}
