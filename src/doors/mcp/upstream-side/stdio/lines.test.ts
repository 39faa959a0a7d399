import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldBytes } from '../../../../../tests/held-bytes.ts';
import { LineSplitter } from './lines.ts';
import { Tail } from './tail.ts';

function split(bytes: Buffer, sizes: readonly number[], limit: number) {
  const lines: string[] = [];
  const splitter = new LineSplitter(limit, (line) => lines.push(line.toString('utf8')));
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    if (!splitter.push(bytes.subarray(from, from + size))) return null;
    from += size;
  }
  return lines;
}

test('lines come out the same however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(20)), (texts, sizes) => {
      const lines = texts.map((text) => text.replaceAll('\n', ' '));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      expect(split(bytes, sizes, 10_000)).toEqual(lines);
    }),
  );
});

test('the limit is the longest line, wherever it is cut', () => {
  const line = 'x'.repeat(10);
  for (const sizes of [[], [4], [10], [1, 1, 1, 1, 1, 1, 1, 1, 1]]) {
    expect(split(Buffer.from(`${line}\n`), sizes, 10)).toEqual([line]);
    expect(split(Buffer.from(`${line}x\n`), sizes, 10)).toBeNull();
    expect(split(Buffer.from(`${line}x`), sizes, 10)).toBeNull();
  }
});

test('a line in very many chunks costs its length', () => {
  const chunk = Buffer.alloc(1024, 'x');
  let length = 0;
  const splitter = new LineSplitter(64 * 1024 * 1024, (line) => {
    length = line.length;
  });
  // Joined anew at every chunk, this would copy half a terabyte.
  for (let i = 0; i < 32 * 1024; i++) splitter.push(chunk);
  splitter.push(Buffer.from('\n'));
  expect(length).toBe(32 * 1024 * 1024);
});

test('a tail keeps the last bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, unit: 'binary-ascii' })),
      fc.integer({ min: 1, max: 20 }),
      (parts, limit) => {
        const tail = new Tail(limit);
        for (const part of parts) tail.push(Buffer.from(part));
        expect(tail.text()).toBe(parts.join('').slice(-limit));
      },
    ),
  );
});

test('a line that comes byte by byte takes hardly more room than its bytes', () => {
  const lines: Buffer[] = [];
  const splitter = new LineSplitter(1_000_000, (line) => lines.push(line));
  const before = heldBytes();
  for (let i = 0; i < 200_000; i++) splitter.push(Buffer.from('x'));
  // One Buffer for each would be 40 MB.
  expect(heldBytes() - before).toBeLessThan(8_000_000);
  splitter.push(Buffer.from('\n'));
  expect(lines.map(({ length }) => length)).toEqual([200_000]);
});
