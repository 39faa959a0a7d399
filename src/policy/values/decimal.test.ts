import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalOf, parseDecimal } from './decimal.ts';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -(2 ** 53), max: 2 ** 53 }).map((n) => n / 10_000),
  fc.integer({ min: -(2 ** 53), max: 2 ** 53 }).map((n) => n / 100_000),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }).map((n) => n / 10_000 + 1e11),
  fc.maxSafeInteger(),
);

/** The shortest text of a number is a decimal when it has no exponent and at most four digits behind the point. */
test('a number is a decimal exactly when its shortest text is one, and then that one', () => {
  fc.assert(
    fc.property(number, (value) => {
      const [whole = '', fraction = '0'] = String(value).split('.');
      const fits =
        /^-?\d+$/.test(whole) && /^\d{1,4}$/.test(fraction) && Math.abs(value) < 922_337_203_685_477;
      const found = decimalOf(value);
      if (Math.abs(value) < 922_337_203_685_477) expect(found !== undefined).toBe(fits);
      if (fits) expect(found).toEqual(parseDecimal(`${whole === '-0' ? '-0' : whole}.${fraction}`));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  [0, '0.0'],
  [-0, '0.0'],
  [-0.5, '-0.5'],
  [1e11, '100000000000.0'],
  [123_456_789_012_345.5, '123456789012345.5'],
  [922_337_203_685_477.5, '922337203685477.5'],
])('%d reads %s', (value, text) => {
  expect(decimalOf(value)?.toString()).toBe(text);
});

test.each([1e20, 1e21, 1e-5, 0.00001, 1.23456, 922_337_203_685_478, Number.NaN, Number.POSITIVE_INFINITY])(
  '%d is none',
  (value) => {
    expect(decimalOf(value)).toBeUndefined();
  },
);
