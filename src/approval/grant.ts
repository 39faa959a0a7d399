import type { Target, TargetRef } from '../model/action.ts';
import type { Voter } from '../model/approval.ts';
import type { Review } from '../model/decision.ts';
import type { Grant } from '../model/grant.ts';
import { isEnough } from './who.ts';

/** What a catalog says of an operation, as far as it matters who must look at it. */
export interface Weight {
  readonly risk: string;
  readonly reversibility: string;
  readonly audience: string;
}

/**
 * Whether many actions of a kind may be answered at once or in advance: nothing that merges, reaches people outside,
 * cannot be taken back, or is not classified (undefined).
 */
export function mayStand(weight: Pick<Weight, 'risk' | 'reversibility'> | undefined): boolean {
  if (weight === undefined) return false;
  return ['read', 'draft', 'comment'].includes(weight.risk) && weight.reversibility !== 'irreversible';
}

/** What can be taken back, and reaches nobody outside: a signed-in session is enough for an answer. */
export function isMild(weight: Weight | undefined): boolean {
  if (weight === undefined || weight.risk === 'external' || weight.risk === 'merge') return false;
  return weight.reversibility === 'reversible' && (weight.audience === 'self' || weight.audience === 'team');
}

/** Rules of the house itself: what watches an agent, or holds what nobody classified, is never answered in advance. */
const isBuiltIn = (rule: string): boolean => rule.startsWith('lanyard:');

/** Whether this person's yes alone is enough for all of these reviews. */
export function isEnoughAlone(
  owner: string,
  backup: string | undefined,
  reviews: readonly Review[],
  voter: Voter,
): boolean {
  if (reviews.some(({ rule }) => isBuiltIn(rule))) return false;
  return isEnough({ owner, ...(backup === undefined ? {} : { backup }), reviews }, [voter]);
}

/** Places in which everything lies: a grant for a directory or an address is for that one alone. */
const OPEN_PLACES: ReadonlySet<string> = new Set(['Path', 'Url']);

/**
 * Whether every target is one that was granted, or lies in one: the comments of one issue, the pages of one book. Of a type of
 * which one was granted it has to be that one, or in that one: who was asked about issue 7 of a repository, and the repository
 * beside it, has not said yes to issue 8.
 */
export function coversTargets(granted: readonly TargetRef[], targets: readonly Target[]): boolean {
  return targets.length > 0 && targets.every((target) => covers(granted, target));
}

function covers(granted: readonly TargetRef[], target: Target): boolean {
  const isGranted = ({ type, id }: TargetRef) => granted.some((one) => one.type === type && one.id === id);
  const places = [target, ...target.ancestors.filter(({ type }) => !OPEN_PLACES.has(type))];
  const types = new Set(granted.map(({ type }) => type));
  const met = [...types].map((type) => places.filter((place) => place.type === type));
  return (
    met.some((ofType) => ofType.length > 0) &&
    met.every((ofType) => ofType.length === 0 || ofType.some(isGranted))
  );
}

/** Whether something can still be done by it. */
export function isLeft({ used, times, untilMs }: Grant, nowMs: number): boolean {
  return used < times && nowMs < untilMs;
}
