import { describe, expect, test } from 'vitest';
import { createSigner } from './index.ts';
import { verifyBundle } from './verify/bundle.ts';
import { verifyStored } from './verify/stored.ts';
import {
  bundleOf,
  checkpointOf,
  chunksOf,
  codes,
  key,
  makeEntry,
  makeLog,
  ORIGIN,
  pagesOf,
  rowOf,
} from './verify/suite/sample-log.ts';
import { readWitnessed, splitNotes } from './witnessed.ts';

const rows = makeLog(40);
const noteAt = (size: number) => checkpointOf(rows.slice(0, size)).note;
const kept = (...notes: readonly string[]) => notes.map((note) => `${note}\n`).join('');
/** The same log from entry `from` on written anew and signed with the same key. */
const rewrittenFrom = (from: number) =>
  rows.map((row) => (row.seq < from ? row : rowOf(makeEntry(row.seq, { note: 'it was not me' }))));

describe('a file of notes', () => {
  test('is read note by note', () => {
    const stranger = checkpointOf(rows, createSigner(ORIGIN)).note;
    const read = readWitnessed(kept(noteAt(3), stranger, noteAt(40)), key);
    expect(read.checkpoints.map(({ size }) => size)).toEqual([3, 40]);
    expect(read.strange).toBe(1);
    expect(readWitnessed(noteAt(7), key).checkpoints.map(({ size }) => size)).toEqual([7]);
  });

  test('loses nothing but the half note that a writer left when it died', () => {
    const note = noteAt(9);
    for (let cut = 0; cut < note.length; cut++) {
      const read = readWitnessed(`${kept(noteAt(3))}${note.slice(0, cut)}\n\n${kept(noteAt(12))}`, key);
      expect(read.checkpoints.map(({ size }) => size)).toEqual(expect.arrayContaining([3, 12]));
    }
    expect(splitNotes('')).toEqual([]);
    expect(splitNotes('\n\n— a b\n\nx\n\n\n')).toEqual([]);
  });
});

describe('P6 a log against checkpoints that were kept elsewhere', () => {
  const verify = async (log: typeof rows, against: string) => {
    const stored = await verifyStored(pagesOf(log), {
      checkpoint: checkpointOf(log),
      key,
      origin: ORIGIN,
      against: readWitnessed(against, key).checkpoints,
    });
    const bundle = await verifyBundle(chunksOf(bundleOf(log)), { key, against });
    expect(codes(bundle)).toEqual(codes(stored));
    expect(bundle.brokenFrom).toEqual(stored.brokenFrom);
    return bundle;
  };

  test('holds where it only went on', async () => {
    const report = await verify(rows, kept(noteAt(0), noteAt(1), noteAt(17), noteAt(40)));
    expect(report).toMatchObject({ holds: true, against: 4 });
  });

  test('that was set back does not hold, and it is said from where', async () => {
    const report = await verify(rows.slice(0, 25), kept(noteAt(20), noteAt(40)));
    expect(codes(report)).toEqual(['rolled-back']);
    expect(report).toMatchObject({ holds: false, brokenFrom: 25 });
  });

  test('that was rewritten with the stolen key does not hold, and it is said between which entries', async () => {
    const log = rewrittenFrom(23);
    expect((await verifyBundle(chunksOf(bundleOf(log)), { key })).holds).toBe(true);
    const report = await verify(log, kept(noteAt(10), noteAt(20), noteAt(30), noteAt(40)));
    expect(codes(report)).toEqual(['rewritten']);
    expect(report.brokenFrom).toBe(20);
    expect(report.faults[0]?.what).toContain('between entry 20 and 29');
  });

  test('that was rewritten and is shorter says both', async () => {
    const report = await verify(rewrittenFrom(23).slice(0, 35), kept(noteAt(20), noteAt(30), noteAt(40)));
    expect(codes(report)).toEqual(['rewritten', 'rolled-back']);
  });

  test('of another key does not hold', async () => {
    const stranger = createSigner(ORIGIN);
    const report = await verify(rows, kept(checkpointOf(rows, stranger).note));
    expect(codes(report)).toEqual(['not-witnessed']);
  });
});
