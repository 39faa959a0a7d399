import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { err } from '../../base/result.ts';
import { isDue, openDrills } from './schedule.ts';

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

describe('an instance with a schedule', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => vi.useRealTimers());

  const CANNOT = { code: 'NOT_DRILLED', sentence: 'Nothing can be measured.' } as const;

  it.each([
    ['could not be set up', 1, async () => err(CANNOT)],
    ['met a fault', 1, () => Promise.reject(new Error('torn'))],
    ['comes while somebody else drills', 2, async () => err(problem('DRILLING'))],
    [
      'is cut by a stop of the agent',
      1,
      async (house: TestHouse) => {
        house.house.halt.tighten('agent:writer', 'frozen');
        return err(CANNOT);
      },
    ],
    [
      'is cut by the end of the instance',
      1,
      async (_house: TestHouse, end: () => void) => {
        end();
        return err(CANNOT);
      },
    ],
  ] as const)(
    'with a drill that %s looks again when it should, and tells what is overdue alone',
    async (what, tries, drill) => {
      const house = await TestHouse.open({ configuration: 'drills: { every: 30d }' });
      let tried = 0;
      const end = await openDrills(house.house, (agent) => {
        if (agent !== 'agent:writer') return Promise.resolve(err(CANNOT));
        tried++;
        return drill(house, () => end());
      });
      const agents = house.house.standing.inForce.agents.size;
      for (let look = 0; look <= 2 * agents; look++) {
        await vi.advanceTimersByTimeAsync(LIMITS.drillLookMs);
        // What is recorded takes its own time, and it is looked again only after that.
        await house.house.recorder.checkpoint();
      }
      const { entries } = await house.see();
      const overdue = entries.filter(({ kind, agent }) => kind === 'drill.overdue' && agent === 'writer');
      expect([tried >= tries, overdue.length]).toEqual([true, TELLS.has(what) ? 1 : 0]);
      expect(house.told.filter((line) => line.startsWith('drill: writer is overdue'))).toHaveLength(
        overdue.length,
      );
      if (tries === 1) expect(tried).toBe(1);
      end();
      await house.close();
      removeDirectory(house.directory);
    },
  );
});

const TELLS: ReadonlySet<string> = new Set(['could not be set up', 'met a fault']);
