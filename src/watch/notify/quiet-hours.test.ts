import { describe, expect, test } from 'vitest';
import { minutesOf } from '../../base/local-time.ts';
import { quietUntil } from './quiet-hours.ts';

const at = (text: string) => Date.parse(text);

describe('quiet hours end when her clock says so', () => {
  const night = { from: '22:00', to: '07:00' };
  test.each([
    ['over midnight', { ...night, zone: 'Europe/Berlin' }, '2026-11-20T23:30Z', '2026-11-21T06:00Z'],
    [
      'in a zone on a half hour',
      { ...night, zone: 'Asia/Kolkata' },
      '2026-11-20T20:00Z',
      '2026-11-21T01:30Z',
    ],
    [
      'where the clocks go forward',
      { ...night, zone: 'Europe/Berlin' },
      '2026-03-28T22:00Z',
      '2026-03-29T05:00Z',
    ],
    ['where they go back', { ...night, zone: 'Europe/Berlin' }, '2026-10-24T21:00Z', '2026-10-25T06:00Z'],
    [
      'after they went forward',
      { ...night, zone: 'America/New_York' },
      '2026-03-08T08:00Z',
      '2026-03-08T11:00Z',
    ],
    [
      'where they go by half an hour',
      { from: '21:00', to: '06:00', zone: 'Australia/Lord_Howe' },
      '2026-10-03T11:00Z',
      '2026-10-03T19:00Z',
    ],
  ])('%s', (_, { from, to, zone }, now, end) => {
    const hours = { from: minutesOf(from) ?? 0, to: minutesOf(to) ?? 0, zone };
    expect(new Date(quietUntil(hours, at(now)) ?? 0)).toEqual(new Date(at(end)));
  });

  test('and where it skips that hour, within an hour of it, and later than now', () => {
    const hours = { from: 22 * 60, to: 150, zone: 'Europe/Berlin' };
    const now = at('2026-03-29T00:45:00Z');
    const found = quietUntil(hours, now) ?? 0;
    expect(found).toBeGreaterThan(now);
    expect(found).toBeLessThanOrEqual(at('2026-03-29T02:00:00Z'));
    expect(quietUntil(hours, found)).toBeNull();
  });
});
