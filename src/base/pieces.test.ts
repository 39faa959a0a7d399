import { expect, test } from 'vitest';
import { Pieces } from './pieces.ts';

test.each([
  ['one', [5]],
  ['none', []],
  ['large ones', [5000, 70_000, 1024]],
  ['small ones', Array.from({ length: 5000 }, (_, i) => (i % 7) + 1)],
  ['small and large ones by turns', Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 1 : 3000))],
  ['a large one across the end of what is being filled', [1, 1000, 200_000, 1, 70_000]],
])('bytes are whole and in order: %s', (_, sizes) => {
  const pieces = new Pieces();
  let next = 0;
  const all = sizes.map((size) => Buffer.from(Array.from({ length: size }, () => next++ % 251)));
  for (const piece of all) pieces.add(piece);
  expect(pieces.bytes).toBe(next);
  expect(pieces.join().equals(Buffer.concat(all))).toBe(true);
  pieces.clear();
  expect([pieces.bytes, pieces.join().length]).toEqual([0, 0]);
});

test('one piece is given back as it came', () => {
  const pieces = new Pieces();
  const only = Buffer.from('only');
  pieces.add(only);
  expect(pieces.join()).toBe(only);
});
