import { expect, test } from 'vitest';
import { amountOf } from './amount.ts';
import { readField, readTemplate } from './template.ts';

const [value, currency] = [readField('amount'), readTemplate('{currency}')];
if (value === undefined || !currency.ok) throw new Error('a field of this test cannot be read');
const AMOUNT = { value, currency: currency.value };
const of = (args: Readonly<Record<string, string | number>>, minor?: true) => {
  const money = amountOf({ amount: { ...AMOUNT, ...(minor === undefined ? {} : { minor }) } }, args);
  return money === null ? null : Object.fromEntries(money);
};

test('an amount is in ten-thousandths of its currency, rounded up', () => {
  expect(of({ amount: 9, currency: 'eur' })).toEqual({ EUR: 90_000 });
  expect(of({ amount: '0.00001', currency: 'EUR' })).toEqual({ EUR: 1 });
});

test.each([
  ['eur', 9_000_000],
  ['JPY', 900_000_000],
  ['kwd', 900_000],
  // Nobody here knows how many decimals it has.
  ['xyz', 900_000_000],
])('in the smallest unit of %s it is so much of a whole one', (currency, parts) => {
  expect(of({ amount: 90_000, currency }, true)).toEqual({ [currency.toUpperCase()]: parts });
});

test('what is no amount, or of no currency, cannot be told', () => {
  for (const args of [
    { currency: 'eur' },
    { amount: -1, currency: 'eur' },
    { amount: 'much', currency: 'eur' },
    { amount: 1 },
    { amount: 1, currency: '' },
  ])
    expect(of(args, true)).toBeNull();
});
