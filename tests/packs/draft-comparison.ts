import type { OperationEntry, TargetTemplate } from '../../src/catalog/entry.ts';
import { SENSITIVITIES, SOURCES } from '../../src/catalog/entry.ts';
import { type Field, referencesOf } from '../../src/catalog/targets/template.ts';
import { AUDIENCES, REVERSIBILITIES, RISKS } from '../../src/model/risk.ts';

export const COMPARED = [
  'risk',
  'effect',
  'reversibility',
  'audience',
  'source',
  'sensitivity',
  'targets',
  'texts',
  'people',
] as const;
export type Compared = (typeof COMPARED)[number];
export type Verdict = 'equal' | 'stricter' | 'laxer';

const ORDERS = {
  risk: RISKS,
  reversibility: REVERSIBILITIES,
  audience: AUDIENCES,
  source: SOURCES,
  sensitivity: SENSITIVITIES,
} as const;

/**
 * How a drafted entry stands to the one that a person made. A word is stricter further along in its list. Of effects,
 * targets, texts and people it is stricter to name more, and laxer to miss any one; `read` beside other effects is not
 * counted (no rule of the starter holds it), and of a target counts which arguments it is made of, not what its type is
 * called.
 */
export function compareEntries(hand: OperationEntry, draft: OperationEntry, field: Compared): Verdict {
  switch (field) {
    case 'effect':
      return compareSets(changesOf(hand), changesOf(draft));
    case 'targets':
      return compareSets(argumentsOf(hand.targets), argumentsOf(draft.targets));
    case 'texts':
    case 'people':
      return compareSets(hand[field].map(firstName), draft[field].map(firstName));
    default: {
      const order: readonly string[] = ORDERS[field];
      const [a, b] = [order.indexOf(hand[field]), order.indexOf(draft[field])];
      return a === b ? 'equal' : b > a ? 'stricter' : 'laxer';
    }
  }
}

function compareSets(hand: readonly string[], draft: readonly string[]): Verdict {
  const [wanted, found] = [new Set(hand), new Set(draft)];
  if (![...wanted].every((one) => found.has(one))) return 'laxer';
  return found.size === wanted.size ? 'equal' : 'stricter';
}

const changesOf = ({ effect }: OperationEntry): string[] => effect.filter((one) => one !== 'read');
const firstName = ({ steps }: Field): string => steps[0]?.name ?? '';

function argumentsOf(targets: readonly TargetTemplate[]): string[] {
  return targets.flatMap(({ id, each }) => [
    ...referencesOf(id).flatMap(({ of, path }) => (of === 'arguments' ? [path[0] ?? ''] : [])),
    ...(each === undefined ? [] : [each[0] ?? '']),
  ]);
}
