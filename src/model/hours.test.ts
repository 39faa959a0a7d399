import { describe, expect, test } from 'vitest';
import { isWithinHours } from './hours.ts';

const at = (text: string) => Date.parse(text);

describe('declared hours', () => {
  const office = { days: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60, zone: 'Europe/Berlin' };

  test.each([
    // Winter: one hour ahead of UTC.
    ['2026-11-20T06:59:00Z', false],
    ['2026-11-20T07:00:00Z', true],
    ['2026-11-20T16:59:59Z', true],
    ['2026-11-20T17:00:00Z', false],
    // Summer: two.
    ['2026-07-20T06:00:00Z', true],
    ['2026-07-20T16:00:00Z', false],
    // A Saturday, and a Sunday.
    ['2026-11-21T10:00:00Z', false],
    ['2026-11-22T10:00:00Z', false],
  ])('%s in Berlin: %s', (time, within) => {
    expect(isWithinHours(office, at(time))).toBe(within);
  });

  test('over midnight belong to the day on which they began', () => {
    const night = { days: [5], from: 22 * 60, to: 6 * 60, zone: 'UTC' };
    expect(isWithinHours(night, at('2026-11-20T21:59:00Z'))).toBe(false);
    expect(isWithinHours(night, at('2026-11-20T22:00:00Z'))).toBe(true);
    expect(isWithinHours(night, at('2026-11-21T05:59:00Z'))).toBe(true);
    expect(isWithinHours(night, at('2026-11-21T06:00:00Z'))).toBe(false);
    expect(isWithinHours(night, at('2026-11-20T05:00:00Z'))).toBe(false);
  });
});
