import type { JsonObject } from '../base/json.ts';

/** What an agent puts before its owner in its own words: a question, a wish for a rule, or work that it hands over. */
export const APPEAL_KINDS = ['question', 'permission', 'handover'] as const;
export type AppealKind = (typeof APPEAL_KINDS)[number];

/** `yes`: answered, taken up, or seen; `no`: refused. */
export interface AppealAnswer {
  readonly person: string;
  readonly answer: 'yes' | 'no';
  /** Of a question: which of its options, from 0. */
  readonly option?: number;
  /** The person's own words. */
  readonly why?: string;
  readonly atMs: number;
}

export interface Appeal {
  readonly id: string;
  readonly kind: AppealKind;
  readonly agent: string;
  readonly owner: string;
  readonly backup?: string;
  /** What the agent wrote. Never more than text to whoever reads it. */
  readonly content: JsonObject;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  readonly phase: 'open' | 'answered' | 'expired';
  readonly answer?: AppealAnswer;
  /** How often the agent came back with the same after a no. */
  readonly repeats: number;
}
