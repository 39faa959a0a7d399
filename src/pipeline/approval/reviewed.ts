import type { Decision } from '../../model/decision.ts';
import type { Answer } from '../ports/answer.ts';
import type { Kept } from './approval-kept.ts';
import type { Yes } from './grant-cover.ts';

/** What comes of an action that rules ask people about. */
export type Reviewed =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'deny'; readonly decision: Decision }
  /** Its client takes a task: it waits as one. */
  | { readonly kind: 'as-task'; readonly kept: Kept }
  /** Something has moved: prepare and decide anew. */
  | { readonly kind: 'again' }
  /** Enough have said yes, or one in advance. */
  | Yes;
