import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppendBatch } from '../../store.ts';
import { FrameWriter, readFrame } from './frame.ts';

const EPOCH = Buffer.from('epoch-01');
const OTHER = Buffer.from('epoch-02');

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const entry = fc.record(
  { text, leaf: bytes(32), kind: text, atMs: fc.nat(), action: text, agent: text, session: text },
  { requiredKeys: ['text', 'leaf', 'kind', 'atMs'] },
);
const body = fc.record({
  action: text,
  part: fc.constantFrom('arguments', 'result'),
  salt: bytes(16),
  text,
  expiresAtMs: fc.nat(),
});
const cell = fc.record({ kind: text, key: text, value: fc.option(text) });
const checkpoint = fc.record({
  size: fc.nat(),
  note: text,
  frontier: fc.uint8Array({ maxLength: 96 }),
  open: fc.array(text, { maxLength: 3 }),
});
const batch: fc.Arbitrary<AppendBatch> = fc.record(
  {
    first: fc.nat(),
    entries: fc.array(entry, { maxLength: 5 }),
    bodies: fc.array(body, { maxLength: 4 }),
    cells: fc.array(cell, { maxLength: 4 }),
    checkpoint,
  },
  { requiredKeys: ['first', 'entries', 'bodies', 'cells'] },
);

describe('a frame', () => {
  test('gives back the batch that was written, whatever it holds', () => {
    const writer = new FrameWriter();
    fc.assert(
      fc.property(batch, (written) => {
        const frame = Buffer.from(writer.write(written, EPOCH));
        const found = readFrame(frame, 0, EPOCH);
        expect(found).toEqual({ kind: 'batch', batch: written, end: frame.length });
      }),
      { numRuns: 300 },
    );
  });

  const sample: AppendBatch = {
    first: 7,
    entries: [{ text: '{"seq":7}', leaf: new Uint8Array(32).fill(1), kind: 'k', atMs: 1 }],
    bodies: [],
    cells: [{ kind: 'token', key: 'a', value: null }],
  };
  const frame = Buffer.from(new FrameWriter().write(sample, EPOCH));

  test('that was cut anywhere was never finished', () => {
    for (let cut = 1; cut < frame.length; cut++) {
      const zeros = Buffer.concat([frame.subarray(0, cut), Buffer.alloc(frame.length - cut)]);
      expect(readFrame(frame.subarray(0, cut), 0, EPOCH).kind).toBe(cut < 12 ? 'end' : 'unfinished');
      expect({ cut, kind: readFrame(zeros, 0, EPOCH).kind }).toEqual({ cut, kind: 'unfinished' });
    }
  });

  test('whose head does not hold is damaged where anything stands behind it', () => {
    for (let cut = 1; cut < 8; cut++) {
      const ruin = Buffer.concat([frame.subarray(0, cut), Buffer.alloc(8 - cut), frame.subarray(8)]);
      expect({ cut, kind: readFrame(ruin, 0, EPOCH).kind }).toEqual({ cut, kind: 'damaged' });
    }
  });

  test('of which any bit was flipped is no batch', () => {
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const flipped = Buffer.from(frame);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(readFrame(flipped, 0, EPOCH).kind).not.toBe('batch');
    }
  });

  test('of another epoch is none, even one that a caller put into a body', () => {
    expect(readFrame(frame, 0, OTHER).kind).toBe('damaged');
    expect(readFrame(Buffer.alloc(64), 0, EPOCH).kind).toBe('end');
  });
});
