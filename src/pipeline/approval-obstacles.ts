import type { Obstacle } from '../approval/life.ts';
import { problem } from '../base/errors.ts';

/** The sentence for an obstacle, for whoever acts. */
export function sentenceOf(why: Obstacle): string {
  return problem(OBSTACLES[why]).sentence;
}

const OBSTACLES = {
  over: 'APPROVAL_OVER',
  'not-asked': 'NOT_ASKED',
  'answered-already': 'ANSWERED_ALREADY',
  'other-digest': 'OTHER_ACTION',
  'other-rules': 'OTHER_RULES',
  'not-enough': 'NOT_ENOUGH',
  'ran-out': 'APPROVAL_OVER',
  'still-open': 'NOT_ENOUGH',
} as const;
