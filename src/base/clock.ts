/** Time, as a value that tests can hold still. Nothing else in this tree reads the system clock (tests/tidy.test.ts). */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May step backwards when the system clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary start, never backwards; for durations and deadlines. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** RFC 3339 in UTC with milliseconds, the form of every `at` in the log. */
export function toInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
