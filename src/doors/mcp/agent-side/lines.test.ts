import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldBytes } from '../../../../tests/held-bytes.ts';
import { createLineReader } from './lines.ts';

function read(chunks: readonly Buffer[], maxBytes: number): string[] {
  const lines: string[] = [];
  const take = createLineReader(
    maxBytes,
    (line) => lines.push(line.toString('latin1')),
    () => lines.push('<too long>'),
  );
  for (const chunk of chunks) take(chunk);
  return lines;
}

describe('lines', () => {
  it('are the same however the bytes arrive', () => {
    const byte = fc.constantFrom(0x0a, 0x0d, 0x61, 0x62);
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), fc.array(fc.nat(8)), (bytes, cuts) => {
        const all = Buffer.from(bytes);
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(all.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(all.subarray(at));
        const parts = all.toString('latin1').split('\n');
        parts.pop();
        const expected = parts.map((line) => (line.length > 5 ? '<too long>' : line));
        expect(read(chunks, 5)).toEqual(expected);
      }),
    );
  });

  it('that are too long are not kept, but for their ends', () => {
    const ends: string[] = [];
    const take = createLineReader(
      1000,
      (line) => ends.push(`line ${line}`),
      (head, tail) => ends.push(`${head}|${tail}`),
    );
    const long = `begin ${'x'.repeat(3000)} end`;
    for (const byte of Buffer.from(`${long}\nok\n${long}`)) take(Buffer.of(byte));
    take(Buffer.from(`\n${long}\n`));
    const both = `begin ${'x'.repeat(250)}|${'x'.repeat(252)} end`;
    expect(ends).toEqual([both, 'line ok', both, both]);
  });

  it('that come byte by byte take hardly more room than their bytes', () => {
    const before = heldBytes();
    const lines: Buffer[] = [];
    const take = createLineReader(
      1_000_000,
      (line) => lines.push(line),
      () => {},
    );
    for (let i = 0; i < 200_000; i++) take(Buffer.from('x'));
    // One Buffer for each would be 40 MB.
    expect(heldBytes() - before).toBeLessThan(8_000_000);
    take(Buffer.from('\n'));
    expect(lines.map(({ length }) => length)).toEqual([200_000]);
  });
});
