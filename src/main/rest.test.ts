import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../base/limits.ts';
import { restWhenIdle } from './rest.ts';

describe('rest', () => {
  let recorded = 0;
  let collections = 0;
  let resting = { stop: () => {} };

  beforeEach(() => {
    vi.useFakeTimers();
    recorded = 0;
    collections = 0;
    resting = restWhenIdle(
      () => recorded,
      () => collections++,
    );
  });
  afterEach(() => {
    resting.stop();
    vi.useRealTimers();
  });

  it('comes a minute after the last work, and once', () => {
    recorded = 100;
    vi.advanceTimersByTime(LIMITS.restAfterMs - 5000);
    expect(collections).toBe(0);
    vi.advanceTimersByTime(20_000);
    expect(collections).toBe(3);
    vi.advanceTimersByTime(10 * LIMITS.restAfterMs);
    expect(collections).toBe(3);
  });

  it('comes soon behind long work, and then a minute after the next', () => {
    recorded = LIMITS.longWorkEntries + 1;
    vi.advanceTimersByTime(LIMITS.restSoonMs + 10_000);
    expect(collections).toBe(3);
    recorded++;
    vi.advanceTimersByTime(LIMITS.restSoonMs + 10_000);
    expect(collections).toBe(3);
    vi.advanceTimersByTime(LIMITS.restAfterMs);
    expect(collections).toBe(6);
  });

  it('waits while there is work, however little', () => {
    for (let second = 0; second < 200; second++) {
      recorded++;
      vi.advanceTimersByTime(1000);
    }
    expect(collections).toBe(0);
  });
});
