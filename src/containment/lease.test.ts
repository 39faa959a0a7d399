import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFurther, levelOfStage, STAGES, stageAt, timesOf } from './lease.ts';

const DAY = 86_400_000;
const since = Date.parse('2026-11-02T09:00:00Z');

describe('a lease', () => {
  it.each([
    [0, 'live'],
    [5.2, 'live'],
    [5.25, 'warned'],
    [7 - 1e-6, 'warned'],
    [7, 'watched'],
    [14 - 1e-6, 'watched'],
    [14, 'frozen'],
    [45, 'frozen'],
  ])('of seven days is after %d days %s', (days, stage) => {
    expect(stageAt(since, 7 * DAY, since + days * DAY)).toBe(stage);
  });

  it('only ever runs out, however the time goes on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60_000, max: 400 * DAY }),
        fc.nat(800 * DAY),
        fc.nat(800 * DAY),
        (cadence, a, b) => {
          const [early, late] = [since + Math.min(a, b), since + Math.max(a, b)];
          expect(isFurther(stageAt(since, cadence, early), stageAt(since, cadence, late))).toBe(false);
        },
      ),
    );
  });

  it('that was renewed by a clock of the future is over', () => {
    expect(stageAt(since + 400 * DAY, 7 * DAY, since)).toBe('watched');
    // A clock that is set back by a moment is none of the future.
    expect(stageAt(since + 1000, 7 * DAY, since)).toBe('live');
  });

  it('that cannot be read is over', () => {
    expect(stageAt(Number.NaN, 7 * DAY, since)).toBe('watched');
  });

  it('warns without taking anything away', () => {
    expect(STAGES.map(levelOfStage)).toEqual(['live', 'live', 'watched', 'frozen']);
    const { warnedMs, watchedMs, frozenMs } = timesOf(since, DAY);
    expect([warnedMs, watchedMs, frozenMs].map((at) => (at - since) / 3_600_000)).toEqual([18, 24, 48]);
  });
});
