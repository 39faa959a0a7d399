import { expect, it } from 'vitest';
import { durationMs, readDuration } from './duration.ts';

it.each([
  ['0s', 0],
  ['15m', 900_000],
  ['2h', 7_200_000],
  ['90d', 7_776_000_000],
])('%s is %i ms', (text, ms) => {
  expect([readDuration(text), durationMs(text)]).toEqual([ms, ms]);
});

it.each(['', '5', 'h', '-1h', '1.5h', '1w', ' 1h', '1h30m', '1234567s'])('%j is no span', (text) => {
  expect(readDuration(text)).toBeNull();
  expect(() => durationMs(text)).toThrow(RangeError);
});
