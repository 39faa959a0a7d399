import { afterEach, expect, it, vi } from 'vitest';
import { listenToTime, timeNow } from '../../console/src/api/clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('knows the time at once on a page that tells ages, however long the one before told none', () => {
  vi.useFakeTimers();
  const leave = listenToTime(() => undefined);
  vi.advanceTimersByTime(5000);
  expect(timeNow()).toBe(Date.now());
  leave();
  vi.advanceTimersByTime(7 * 60_000);
  let heard = 0;
  const leaveAgain = listenToTime(() => {
    heard += 1;
  });
  // What had been drawn with the time of before is drawn again now.
  expect({ heard, now: timeNow() }).toEqual({ heard: 1, now: Date.now() });
  leaveAgain();
});
