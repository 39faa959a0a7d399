/** What an operation can do, as the catalog says it; docs/formats/interface.md names the words. */
export const RISKS = ['read', 'draft', 'comment', 'merge', 'external'] as const;
export type Risk = (typeof RISKS)[number] | 'unclassified';

export const EFFECTS = [
  'read',
  'create',
  'update',
  'delete',
  'send',
  'spend',
  'execute',
  'configure',
] as const;
export type Effect = (typeof EFFECTS)[number];

export const REVERSIBILITIES = ['read-only', 'reversible', 'externally-reversible', 'irreversible'] as const;
export type Reversibility = (typeof REVERSIBILITIES)[number];

export const AUDIENCES = ['self', 'team', 'named', 'public'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** What an operation changes besides its target: who may do what, the rules or instructions of an agent, whether and by whom something is reviewed, and what it counts as. */
export const CHANGES = ['permissions', 'instructions', 'review', 'class'] as const;
export type Change = (typeof CHANGES)[number];
