import type { Obstacle } from '../../approval/life.ts';
import { type Problem, problem } from '../../base/errors.ts';

/** An obstacle as whoever acts is told of it. */
export function problemOf(why: Obstacle): Problem {
  return problem(OBSTACLES[why]);
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
