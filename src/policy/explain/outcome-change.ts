import type { Decision } from '../../model/decision.ts';
import type { TargetScene } from '../request.ts';
import { holds, type Rule } from '../rule.ts';
import { admits } from '../text/scope.ts';
import { EvaluationFault } from '../values/fault.ts';
import { type Condition, type Needs, needsNotToHold, needsToHold } from './condition.ts';

/** One of the rules that did not hold and would have needed the fewest things to be otherwise. */
export interface NearRule {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly effect: 'permit' | 'forbid';
  /** Whom it asks, where it is a review. */
  readonly review?: string;
  readonly failed: readonly Condition[];
}

/** What would have had to be otherwise with one rule. */
export interface ChangeStep {
  /** Absent: no rule that permits this operation is there at all. */
  readonly rule?: string;
  readonly must: 'hold' | 'not hold' | 'be absent' | 'be mended' | 'be written';
  readonly conditions: readonly Condition[];
}

/** The smallest change that would have made another answer of it, as far as no other rule looks at the same things. */
export interface OutcomeChange {
  readonly to: Decision['decision'];
  readonly steps: readonly ChangeStep[];
}

export interface NearMisses {
  readonly near: readonly NearRule[];
  /** Absent where no change of rules or values would have made another answer. */
  readonly change?: OutcomeChange;
}

/** What the rules make of one target. */
interface Stand {
  readonly permits: readonly Rule[];
  readonly forbids: readonly Rule[];
  readonly reviews: readonly Rule[];
  readonly erred: readonly Rule[];
  /** Those that do not hold, with what it would take for each to. */
  readonly others: readonly { readonly rule: Rule; readonly needs: readonly Condition[] }[];
}

const MOST_NEAR = 5;

/** Of the rules whose head names the agent and the operation. */
export function nearMisses(rules: readonly Rule[], scene: TargetScene): NearMisses {
  const stand = standOf(rules, scene);
  const fewest = Math.min(...stand.others.map(({ needs }) => needs.length));
  const near = stand.others
    .filter(({ needs }) => needs.length === fewest)
    .slice(0, MOST_NEAR)
    .map(({ rule, needs }): NearRule => {
      const { id, file, line, effect, annotations } = rule;
      const review = annotations.review === undefined ? {} : { review: annotations.review };
      return { rule: id, file, line, effect, ...review, failed: needs };
    });
  const change = changeOf(stand, scene);
  return { near, ...(change === undefined ? {} : { change }) };
}

function standOf(rules: readonly Rule[], scene: TargetScene): Stand {
  const stand = { permits: [] as Rule[], forbids: [] as Rule[], reviews: [] as Rule[], erred: [] as Rule[] };
  const others: { rule: Rule; needs: readonly Condition[] }[] = [];
  for (const rule of rules) {
    const held = heldBy(rule, scene);
    if (held === undefined) stand.erred.push(rule);
    else if (held) kindOf(rule, stand).push(rule);
    else {
      const needs = needsToHold(rule, scene);
      if (needs !== null && needs.length > 0) others.push({ rule, needs });
    }
  }
  return { ...stand, others };
}

function kindOf(rule: Rule, stand: { permits: Rule[]; forbids: Rule[]; reviews: Rule[] }): Rule[] {
  if (rule.effect === 'permit') return stand.permits;
  return rule.annotations.review === undefined ? stand.forbids : stand.reviews;
}

/** Undefined: it erred. */
function heldBy(rule: Rule, scene: TargetScene): boolean | undefined {
  if (!admits(rule.scope.resource, scene.resource, scene.target.ancestors)) return false;
  try {
    return holds(rule, scene);
  } catch (thrown) {
    if (!(thrown instanceof EvaluationFault)) throw thrown;
    return undefined;
  }
}

function changeOf(stand: Stand, scene: TargetScene): OutcomeChange | undefined {
  const { permits, forbids, reviews, erred, others } = stand;
  const off = (rule: Rule): ChangeStep => offStep(rule, needsNotToHold(rule, scene));
  const denied = erred.length + forbids.length > 0 || permits.length === 0;
  if (denied) {
    const steps = [
      ...erred.map(({ id }): ChangeStep => ({ rule: id, must: 'be mended', conditions: [] })),
      ...forbids.map(off),
    ];
    if (permits.length === 0) steps.push(nearestPermit(others));
    return { to: reviews.length > 0 ? 'review' : 'allow', steps };
  }
  if (reviews.length > 0) return { to: 'allow', steps: reviews.map(off) };
  return sterner(permits.map(off), others);
}

function offStep({ id }: Rule, needs: Needs): ChangeStep {
  return needs === null
    ? { rule: id, must: 'be absent', conditions: [] }
    : { rule: id, must: 'not hold', conditions: needs };
}

function nearestPermit(others: Stand['others']): ChangeStep {
  const permits = others.filter(({ rule }) => rule.effect === 'permit');
  const nearest = fewest(permits);
  if (nearest === undefined) return { must: 'be written', conditions: [] };
  return { rule: nearest.rule.id, must: 'hold', conditions: nearest.needs };
}

/** What would have held for review, or denied, what was allowed: a forbid that nearly held, or no permit any more. */
function sterner(withoutPermits: readonly ChangeStep[], others: Stand['others']): OutcomeChange {
  const forbid = fewest(others.filter(({ rule }) => rule.effect === 'forbid'));
  const cost = withoutPermits.reduce((sum, { conditions }) => sum + Math.max(1, conditions.length), 0);
  if (forbid === undefined || forbid.needs.length > cost) return { to: 'deny', steps: withoutPermits };
  const { rule, needs } = forbid;
  const to = rule.annotations.review === undefined ? 'deny' : 'review';
  return { to, steps: [{ rule: rule.id, must: 'hold', conditions: needs }] };
}

function fewest(rules: Stand['others']): Stand['others'][number] | undefined {
  return rules.reduce<Stand['others'][number] | undefined>(
    (best, each) => (best === undefined || each.needs.length < best.needs.length ? each : best),
    undefined,
  );
}
