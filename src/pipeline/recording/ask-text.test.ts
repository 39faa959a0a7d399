import { expect, test } from 'vitest';
import { addressesIn } from './ask-text.ts';

test('every address is found, whatever stands before it', () => {
  const text = 'see 1https://a.example/x and (HTTP://b.example) or x+y://c';
  expect(addressesIn({ note: text })).toEqual(['https://a.example/x', 'HTTP://b.example)', 'x+y://c']);
  expect(addressesIn(`${'a'.repeat(100)}https://d.example`).join()).toContain('https://d.example');
});

test('a long word costs no more than a short text', () => {
  expect(addressesIn('a'.repeat(4_000_000))).toEqual([]);
});
