import { afterEach, expect, test } from 'vitest';
import { hanging, terminalWidth, wrap } from './wrap.ts';

const { isTTY, columns } = process.stdout;
afterEach(() => {
  Object.assign(process.stdout, { isTTY, columns });
});

const SENTENCE = 'Shows how the files differ from what is in force, and takes them.';

test('a text is broken between words, and a longer word stands alone', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('a 0123456789 b', 5)).toEqual(['a', '0123456789', 'b']);
});

test('what stands beside a name is as wide as the terminal, each line below the first', () => {
  Object.assign(process.stdout, { isTTY: true, columns: 80 });
  expect(terminalWidth()).toBe(80);
  expect(hanging('  apply              ', SENTENCE).split('\n')).toEqual([
    '  apply              Shows how the files differ from what is in force, and takes',
    '                     them.',
  ]);
  const below = hanging('x'.repeat(70), SENTENCE).split('\n');
  expect(below[0]).toBe('x'.repeat(70));
  expect(below.slice(1).every((line) => line.startsWith('      ') && line.length <= 80)).toBe(true);
});

test('what goes to a file or another program is as long as it is, and so is what a narrow terminal could not hold', () => {
  Object.assign(process.stdout, { isTTY: false, columns: 80 });
  expect(hanging('  apply              ', SENTENCE)).toBe(`  apply              ${SENTENCE}`);
  Object.assign(process.stdout, { isTTY: true, columns: 10 });
  expect(terminalWidth()).toBe(60);
});
