import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize } from './canonical.ts';
import type { Json } from './json.ts';

/** RFC 8785 in its plainest form: members sorted, each value written by itself. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${reference(member)}`).join(',')}}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

describe('the canonical text', () => {
  test('is the same whether keys stand in order already or not', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(json, (value) => {
        const text = reference(value);
        expect(canonicalize(value as Json)).toBe(text);
        expect(canonicalize(sorted(value) as Json)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('sorts keys that look like numbers as text, at every depth', () => {
    expect(canonicalize({ '10': 1, '9': { '2': 0, '10': -0 }, '1': [] })).toBe(
      '{"1":[],"10":1,"9":{"10":0,"2":0}}',
    );
  });

  test.each([
    ['NaN', { a: Number.NaN }],
    ['Infinity', [Number.POSITIVE_INFINITY]],
    ['a lone surrogate', { a: '\ud800' }],
    ['a key that is one', { '\udc00': 1 }],
    ['a function', { a: () => 1 }],
    ['an object that would write itself', { toJSON: () => 'x' }],
    ['a big integer', [10n]],
    ['a hole', new Array(1)],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalize(value as Json)).toThrow(TypeError);
  });

  test.each([
    ['a backslash before what reads like an escape', { a: 'C:\\users\\ud800' }],
    ['a pair of surrogates', { a: '\ud83d\ude00' }],
  ])('writes %s as it is', (_, value) => {
    expect(canonicalize(value)).toBe(JSON.stringify(value));
  });
});
