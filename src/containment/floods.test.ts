import { describe, expect, it } from 'vitest';
import { addLogBytes, enter, leave, newTally } from './floods.ts';

const limits = { inFlight: 2, attemptsPerMinute: 5, logBytesPerDay: 100 };
const DAY = 86_400_000;

describe('the limits against floods', () => {
  it('let as many run at once as they say, and the next one when one has ended', () => {
    const tally = newTally();
    expect([enter(tally, limits, 0), enter(tally, limits, 0)]).toEqual([null, null]);
    expect(enter(tally, limits, 0)?.code).toBe('TOO_MANY_IN_FLIGHT');
    leave(tally);
    expect(enter(tally, limits, 0)).toBeNull();
  });

  it('count refused attempts too, until the minute is over', () => {
    const tally = newTally();
    for (let i = 0; i < 5; i++) if (enter(tally, limits, 59_999) === null) leave(tally);
    expect(enter(tally, limits, 59_999)?.code).toBe('TOO_MANY_ATTEMPTS');
    expect(tally.inFlight).toBe(0);
    expect(enter(tally, limits, 60_000)).toBeNull();
  });

  it('hold the log bytes of a day against the agent until the next one', () => {
    const tally = newTally();
    addLogBytes(tally, 100, DAY - 1);
    expect(enter(tally, limits, DAY - 1)?.code).toBe('LOG_QUOTA');
    expect(enter(tally, limits, DAY)).toBeNull();
  });
});
