import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
        const last = parts.pop() ?? '';
        const expected = parts.map((line) => (line.length > 5 ? '<too long>' : line));
        if (last.length > 5) expected.push('<too long>');
        expect(read(chunks, 5)).toEqual(expected);
      }),
    );
  });

  it('that are too long are reported at once and not kept', () => {
    expect(read([Buffer.from('123'), Buffer.from('456')], 5)).toEqual(['<too long>']);
    expect(read([Buffer.from('123'), Buffer.from('456'), Buffer.from('789\nok\n')], 5)).toEqual([
      '<too long>',
      'ok',
    ]);
  });
});
