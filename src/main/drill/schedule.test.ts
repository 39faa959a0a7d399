import { expect, it } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import { isDue } from './schedule.ts';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

it.each([
  ['never drilled', undefined, undefined, true],
  ['drilled a moment ago', NOW - 1, undefined, false],
  ['drilled just within', NOW - 30 * DAY + 1, undefined, false],
  ['drilled so long ago', NOW - 30 * DAY, undefined, true],
  ['tried a moment ago in vain', undefined, NOW - 1, false],
  ['tried in vain a while ago', undefined, NOW - LIMITS.drillRetryMs, true],
  ['drilled by a clock of the future', NOW + DAY, undefined, true],
])('an agent %s', (_, lastMs, triedMs, due) => {
  expect(isDue(lastMs, triedMs, 30 * DAY, NOW)).toBe(due);
});
