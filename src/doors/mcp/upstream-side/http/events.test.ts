import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventReader } from './events.ts';

function read(bytes: Buffer, cuts: readonly number[], limit = 1000) {
  const seen: string[] = [];
  const reader = new EventReader(limit, (data) => seen.push(data));
  let from = 0;
  for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const answer = reader.push(bytes.subarray(from, cut));
    if (answer !== 'ok') return { seen, answer };
    from = cut;
  }
  return { seen, answer: 'ok' as const };
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

describe('events', () => {
  test('come out the same however the bytes are cut and the lines end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 3 })),
        lineEnd,
        fc.array(fc.nat()),
        (events, end, cuts) => {
          const clean = events.map((lines) => lines.map((line) => line.replace(/[\r\n]/g, 'x')));
          const text = clean.map((lines) => lines.map((l) => `data: ${l}${end}`).join('') + end).join('');
          const { seen } = read(Buffer.from(text), cuts, 100_000);
          expect(seen).toEqual(clean.map((lines) => lines.join('\n')));
        },
      ),
    );
  });

  test('a byte order mark before the first line is no part of it', () => {
    expect(read(Buffer.from('\ufeffdata: a\n\ndata: \ufeffb\n\n'), [1, 2]).seen).toEqual(['a', '\ufeffb']);
  });

  test('comments, ids, retries, other types and events without data are passed over', () => {
    const text = ': hi\nid: 1\nretry: 5\n\nevent: other\ndata: no\n\nevent: message\ndata:yes\n\ndata\n\n';
    expect(read(Buffer.from(text), []).seen).toEqual(['yes']);
  });

  test.each([
    ['retry: 250\n', 250],
    ['retry: 1\nretry: 2\n', 2],
    ['retry: -1\n', null],
    ['retry: 1e3\n', null],
    [`retry: ${'9'.repeat(10)}\n`, null],
    ['', null],
  ])('how long to wait is what it says in digits: %j', (text, retryMs) => {
    const reader = new EventReader(1000, () => undefined);
    reader.push(Buffer.from(text));
    expect(reader.retryMs).toBe(retryMs);
  });

  test('an event that was not ended is none', () => {
    expect(read(Buffer.from('data: a\n\ndata: b\n'), []).seen).toEqual(['a']);
  });

  test.each([
    ['one long line', `data: ${'x'.repeat(1001)}`],
    ['many lines', 'data: xx\n'.repeat(400)],
  ])('beyond the limit (%s) it says so', (_name, text) => {
    expect(read(Buffer.from(text), [3, 500]).answer).toBe('too-large');
  });

  test('bytes that are no UTF-8 are no text', () => {
    expect(read(Buffer.from([0x64, 0xff, 0x0a]), []).answer).toBe('no-text');
  });
});
