import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../base/limits.ts';
import { StoreUnusable } from '../../store.ts';
import { makeBatch, makeEntry } from '../../suite.ts';
import { openSqlite } from '../index.ts';
import { FrameWriter } from './frame.ts';
import { Journal } from './journal.ts';
import { HEAD_BYTES, newHead } from './segment.ts';
import { Sorter } from './sorter.ts';
import { Sorting } from './sorting.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lanyard-journal-'));
  path = join(dir, 'store.db');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A first segment with these frames, and tables that have seen none of them: what a kill right after a sync leaves. */
async function leave(...frames: readonly Buffer[]): Promise<void> {
  await (await openSqlite(path)).close();
  const head = newHead(1000);
  const written = frames.length > 0 ? frames : [frameOf(head.epoch, 0), frameOf(head.epoch, 2)];
  writeFileSync(`${path}.journal-0`, Buffer.concat([head.bytes, ...written, Buffer.alloc(4096)]));
}

function frameOf(epoch: Uint8Array, first: number): Buffer {
  return Buffer.from(new FrameWriter().write(makeBatch(first, 2), epoch));
}

describe('the journal', () => {
  test('is sorted in at the next start', async () => {
    await leave();
    const reader = await openSqlite(path, { readOnly: true });
    expect(await reader.size()).toBe(4);
    const store = await openSqlite(path);
    expect(await store.size()).toBe(4);
    expect(await reader.size()).toBe(4);
    await store.append(makeBatch(4, 1));
    await reader.close();
    await store.close();
  });

  test('that was damaged after it was acknowledged stops a start, and a reader', async () => {
    await leave();
    const segment = readFileSync(`${path}.journal-0`);
    segment.writeUInt8(segment.readUInt8(HEAD_BYTES + 60) ^ 1, HEAD_BYTES + 60);
    writeFileSync(`${path}.journal-0`, segment);
    await expect(openSqlite(path)).rejects.toBeInstanceOf(StoreUnusable);
    await expect(openSqlite(path)).rejects.toThrow(/journal .* damaged/);
    const reader = await openSqlite(path, { readOnly: true });
    await expect(reader.size()).rejects.toBeInstanceOf(StoreUnusable);
    await reader.close();
    expect(readFileSync(`${path}.journal-0`)).toEqual(segment);
  });

  test('still has what a loss of power takes from the tables', async () => {
    const store = await openSqlite(path);
    await store.append(makeBatch(0, 2));
    await store.append(makeBatch(2, 2));
    // Whoever reads waits until all is sorted in.
    for await (const page of store.entries(0, 4)) expect(page).toHaveLength(4);
    const lost = join(dir, 'lost.db');
    for (const end of ['', '.journal-0', '.journal-1']) copyFileSync(`${path}${end}`, `${lost}${end}`);
    await store.close();
    const again = await openSqlite(lost);
    expect(await again.size()).toBe(4);
    await again.close();
  });

  test('is wiped of what a failed attempt left behind its frames', async () => {
    await (await openSqlite(path)).close();
    const [journal, sorting] = [new Journal(path, 1000), new Sorting(path)];
    journal.write(makeBatch(0, 2));
    journal.sync();
    // What a sync that fails leaves: more than the frames of the segment's next turn cover.
    journal.write(makeBatch(2, 200));
    journal.forget();
    const left = journal.extent;
    journal.turn();
    sorting.sort(left);
    sorting.wipe(left);
    await sorting.done();
    journal.turn();
    journal.write(makeBatch(2, 20));
    journal.sync();
    await sorting.close();
    journal.close();
    const store = await openSqlite(path);
    expect(await store.size()).toBe(22);
    await store.close();
  });

  test('is not wiped where the commits it was sorted in by cannot be synced', async () => {
    await leave();
    const sorter = new Sorter(path);
    const segment = `${path}.journal-0`;
    const { length } = readFileSync(segment);
    await sorter.ask({ kind: 'expire', nowMs: 0 });
    rmSync(`${path}-wal`);
    const before = readFileSync(segment);
    await expect(sorter.ask({ kind: 'wipe', path: segment, to: length })).rejects.toThrow(/ENOENT/);
    expect(readFileSync(segment)).toEqual(before);
    await sorter.close();
  });

  test('is sorted by a thread that ends when it has nothing to do, and is there again when it has', async () => {
    await leave();
    const sorter = new Sorter(path, 1);
    for (let time = 0; time < 2; time++) {
      expect(await sorter.ask({ kind: 'expire', nowMs: 0 })).toBe(0);
      await expect.poll(() => sorter.isRunning).toBe(false);
    }
    await sorter.close();
  });

  test('whose batches do not continue the tables stops a start', async () => {
    const head = newHead(1000);
    await (await openSqlite(path)).close();
    writeFileSync(`${path}.journal-0`, Buffer.concat([head.bytes, frameOf(head.epoch, 5)]));
    await expect(openSqlite(path)).rejects.toThrow(/journal .* damaged/);
  });

  test('takes turns, keeps its order over both segments, and is empty after a close', async () => {
    const store = await openSqlite(path);
    const text = `{"x":"${'y'.repeat(300_000)}"}`;
    let size = 0;
    while (size * text.length < 3 * LIMITS.journalSegmentBytes) {
      const entries = Array.from({ length: 4 }, (_, i) => makeEntry(size + i, { text }));
      await store.append({ ...makeBatch(size, 0), entries });
      size += 4;
    }
    const reader = await openSqlite(path, { readOnly: true });
    expect(await reader.size()).toBe(size);
    let seen = 0;
    for await (const page of reader.entries(0, size)) for (const { seq } of page) expect(seq).toBe(seen++);
    expect(seen).toBe(size);
    await store.close();
    expect(await reader.size()).toBe(size);
    await reader.close();
    for (const file of readdirSync(dir).filter((name) => name.includes('journal')))
      expect(
        readFileSync(join(dir, file))
          .subarray(HEAD_BYTES)
          .some((byte) => byte !== 0),
      ).toBe(false);
  });

  test('takes no more while it cannot be sorted in, says why, and goes on when it can', async () => {
    const store = await openSqlite(path);
    await store.append(makeBatch(0, 1));
    expect(await store.cell('k', 'x')).toBeNull();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await store.append(makeBatch(1, 1));
    await expect(store.cell('k', 'x')).rejects.toThrow(/locked/);
    await expect(store.append(makeBatch(2, 1))).rejects.toThrow(/locked/);
    expect(await store.size()).toBe(2);
    other.exec('ROLLBACK');
    other.close();
    await store.append(makeBatch(2, 1));
    expect(await store.cell('k', 'x')).toBeNull();
    expect(await store.size()).toBe(3);
    await store.close();
  });
});
