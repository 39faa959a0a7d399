import { expect, test } from 'vitest';
import { type ErrorCode, problem } from '../errors.ts';
import { codeOf } from './code-of.ts';
import { OPERATOR } from './operator.ts';

test('a sentence of the table leads back to its row, whatever fills its blanks', () => {
  for (const code of Object.keys(OPERATOR) as ErrorCode[]) {
    const blanks = Object.fromEntries(
      [...problem(code).sentence.matchAll(/\{(\w+)\}/g)].map(([, name], i) => [name, `x ${i} (a.b)`]),
    );
    expect(codeOf(problem(code, blanks).sentence)).toBe(code);
  }
  expect(codeOf(problem('UNKNOWN_APPROVAL', { approval: '01' }).sentence)).toBe('UNKNOWN_APPROVAL');
});

test('any other sentence has none', () => {
  for (const sentence of ['', 'It is enrolled already.', 'This is killed'])
    expect(codeOf(sentence)).toBeNull();
});
