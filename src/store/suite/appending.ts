import { expect, test } from 'vitest';
import { StoreConflict } from '../store.ts';
import { collect, makeBatch, makeBody, makeEntry, seqs, type Workbench } from './workbench.ts';

export function testAppending(bench: Workbench): void {
  test('a new log is empty', async () => {
    expect(await bench.store.size()).toBe(0);
    expect(await bench.store.lastCheckpoint()).toBeNull();
    expect(await collect(bench.store.entries(0, 100))).toEqual([]);
    expect(await collect(bench.store.find({}))).toEqual([]);
  });

  test('S1 S6 all of a batch is there once append has resolved', async () => {
    const checkpoint = { size: 3, note: 'note\n', frontier: new Uint8Array(64).fill(3), open: ['A'] };
    const cells = [{ kind: 'token', key: 'k', value: 'v' }];
    await bench.store.append(makeBatch(0, 3, { bodies: [makeBody('A')], cells, checkpoint }));
    expect(await bench.store.size()).toBe(3);
    expect(await seqs(bench.store.entries(0, 3))).toEqual([0, 1, 2]);
    expect((await bench.store.body('A', 'arguments'))?.text).toBe('{"a":1}');
    expect(await bench.store.cell('token', 'k')).toBe('v');
    expect((await bench.store.lastCheckpoint())?.size).toBe(3);
  });

  test('S2 and after a restart', async () => {
    const cells = [{ kind: 'token', key: 'k', value: 'v' }];
    await bench.store.append(makeBatch(0, 2, { bodies: [makeBody('A')], cells }));
    const store = await bench.reopen();
    expect(await store.size()).toBe(2);
    expect(await store.cell('token', 'k')).toBe('v');
    expect((await store.body('A', 'arguments'))?.expiresAtMs).toBe(1000);
  });

  test('S4 a batch that does not begin where the log ends is refused whole', async () => {
    await bench.store.append(makeBatch(0, 3));
    const cells = [{ kind: 'token', key: 'k', value: 'v' }];
    for (const first of [0, 2, 4]) {
      const refused = bench.store.append(makeBatch(first, 2, { bodies: [makeBody('A')], cells }));
      await expect(refused).rejects.toMatchObject({ name: 'StoreConflict', expected: first, found: 3 });
      await expect(refused).rejects.toBeInstanceOf(StoreConflict);
    }
    expect(await bench.store.size()).toBe(3);
    expect(await bench.store.cell('token', 'k')).toBeNull();
    expect(await bench.store.body('A', 'arguments')).toBeNull();
  });

  test('S4 holds for a batch without entries, too', async () => {
    await bench.store.append(makeBatch(0, 1));
    await expect(bench.store.append(makeBatch(0, 0))).rejects.toBeInstanceOf(StoreConflict);
  });

  test('S1 nothing of a batch is kept when any part of it cannot be', async () => {
    await bench.store.append(makeBatch(0, 1));
    const checkpoint = { size: 99, note: 'n', frontier: new Uint8Array(0), open: [] };
    const cells = [{ kind: 'token', key: 'k', value: 'v' }];
    const refused = bench.store.append(makeBatch(1, 2, { bodies: [makeBody('A')], cells, checkpoint }));
    await expect(refused).rejects.toBeInstanceOf(RangeError);
    expect(await bench.store.size()).toBe(1);
    expect(await bench.store.cell('token', 'k')).toBeNull();
    expect(await bench.store.body('A', 'arguments')).toBeNull();
    await bench.store.append(makeBatch(1, 1));
    expect(await bench.store.size()).toBe(2);
  });

  test('a leaf that is no hash is refused', async () => {
    for (const length of [0, 31, 33]) {
      const entries = [makeEntry(0), makeEntry(1, { leaf: new Uint8Array(length) })];
      const refused = bench.store.append({ ...makeBatch(0, 0), entries });
      await expect(refused).rejects.toBeInstanceOf(RangeError);
    }
    expect(await bench.store.size()).toBe(0);
  });

  test('appends that were called one after the other are kept one after the other', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => bench.store.append(makeBatch(i * 3, 3))));
    expect(await seqs(bench.store.entries(0, 60))).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  test('of two appends at one place one is kept', async () => {
    const both = await Promise.allSettled([
      bench.store.append(makeBatch(0, 1)),
      bench.store.append(makeBatch(0, 2)),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await bench.store.size()).toBe(both[0]?.status === 'fulfilled' ? 1 : 2);
  });
}
