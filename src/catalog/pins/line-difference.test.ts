import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareLines } from './line-difference.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });

test('a difference gives back both sides, and keeps all that can be kept', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const difference = compareLines(before, after);
      expect(difference.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(before);
      expect(difference.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(after);
      expect(difference.filter(({ sign }) => sign === ' ')).toHaveLength(longestCommon(before, after));
    }),
  );
});

/** The definition, without any table. */
function longestCommon([a, ...as]: readonly string[], [b, ...bs]: readonly string[]): number {
  if (a === undefined || b === undefined) return 0;
  if (a === b) return 1 + longestCommon(as, bs);
  return Math.max(longestCommon(as, [b, ...bs]), longestCommon([a, ...as], bs));
}
