import type { Mark } from '../model/mark.ts';
import type { Audience, Change, Effect, Reversibility, Risk } from '../model/risk.ts';
import type { Field, Template } from './targets/template.ts';

export const SOURCES = ['trusted', 'untrusted'] as const;
export type Source = (typeof SOURCES)[number];

export const SENSITIVITIES = ['public', 'internal', 'personal', 'secret'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** What one operation can do and to what, as a catalog says it. Nothing here is read from the server itself. */
export interface OperationEntry {
  readonly risk: Exclude<Risk, 'unclassified'>;
  readonly effect: readonly Effect[];
  readonly reversibility: Reversibility;
  readonly audience: Audience;
  /** The worst it can do, in one line for a person who is asked. */
  readonly worst: string;
  readonly targets: readonly TargetTemplate[];
  /** Arguments that people will read. */
  readonly texts: readonly Field[];
  /** Money that moves; `minor`: in the currency's smallest unit, such as cents. */
  readonly amount?: { readonly value: Field; readonly currency: Template; readonly minor?: true };
  /** Arguments that name a person. */
  readonly people: readonly Field[];
  /** Permissions, instructions, reviews or classes that it changes. */
  readonly changes: readonly Change[];
  /** The operation that reads the target, and where in its result the version stands. */
  readonly state?: Call & { readonly version: Field };
  /** The operation that takes it back. */
  readonly undo?: Call;
  /** Of results. Absent in the file: `untrusted` and `secret`, the dangerous reading. */
  readonly source: Source;
  readonly sensitivity: Sensitivity;
  /** Arguments that are never stored. */
  readonly secret: readonly Field[];
}

/**
 * Another operation of the same catalog with arguments made from this one's; a template that is one lone reference
 * gives that argument whole, whatever its type.
 */
export interface Call {
  readonly operation: string;
  readonly arguments: Readonly<Record<string, Template>>;
}

/** How a target's id is made from the arguments; once, or once for each element of the list `each`. */
export interface TargetTemplate {
  readonly type: string;
  readonly id: Template;
  readonly each?: readonly string[];
  /** Left out where an argument that its id is made of is absent or null; otherwise such an action is denied. */
  readonly optional?: true;
  /** Made from the same arguments; what they lie in is added to the target's ancestors. */
  readonly parents: readonly ParentTemplate[];
}

export interface ParentTemplate {
  readonly type: string;
  readonly id: Template;
  readonly parents: readonly ParentTemplate[];
}

/** The type of the target of an operation that names none: `Target::"<upstream>"`. */
export const NO_TARGET_TYPE = 'Target';

/**
 * The action groups of an operation of `upstream`. Without an entry it is `risk:unclassified` and nothing else that a
 * rule could permit by kind. There is no parameter for a server's annotations: what a server says of its own tools
 * cannot lower, or raise, a class.
 */
export function groupsOf(entry: OperationEntry | undefined, upstream: string): readonly string[] {
  if (entry === undefined) return ['risk:unclassified', `upstream:${upstream}`];
  return [
    `risk:${entry.risk}`,
    ...entry.effect.map((effect) => `effect:${effect}`),
    `audience:${entry.audience}`,
    `reversibility:${entry.reversibility}`,
    ...entry.changes.map((change) => `changes:${change}`),
    ...(entry.people.length > 0 ? ['names:people'] : []),
    ...(entry.amount === undefined ? [] : ['names:money']),
    `upstream:${upstream}`,
  ];
}

/** The types of target that an operation can have, each once. */
export function targetTypesOf(entry: OperationEntry | undefined): readonly string[] {
  if (entry === undefined || entry.targets.length === 0) return [NO_TARGET_TYPE];
  const none = entry.targets.every((target) => target.optional === true) ? [NO_TARGET_TYPE] : [];
  return [...new Set([...entry.targets.map((target) => target.type), ...none])];
}

const TRUSTED: Readonly<Record<Sensitivity, readonly Mark[]>> = {
  public: [],
  internal: [],
  personal: ['personal'],
  secret: ['secret'],
};
const UNTRUSTED: Readonly<Record<Sensitivity, readonly Mark[]>> = {
  public: ['untrusted'],
  internal: ['untrusted'],
  personal: ['untrusted', 'personal'],
  secret: ['untrusted', 'secret'],
};

/** The marks that a result of this operation brings. Without an entry the dangerous reading, as for an absent key. */
export function marksOf(entry: OperationEntry | undefined): readonly Mark[] {
  if (entry === undefined) return UNTRUSTED.secret;
  return (entry.source === 'trusted' ? TRUSTED : UNTRUSTED)[entry.sensitivity];
}
