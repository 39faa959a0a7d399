import { expect, test } from 'vitest';
import { StoreConflict } from '../store.ts';
import { collect, makeBatch, seqs, type Workbench } from './workbench.ts';

/** Opening twice, and closing. */

export function testTwoOpeners(bench: Workbench): void {
  test('S6 each sees what the other has appended, and S4 keeps them apart', async () => {
    const first = bench.store;
    const other = await bench.openAnother();
    await first.append(makeBatch(0, 2, { cells: [{ kind: 'k', key: 'x', value: '1' }] }));
    expect(await other.size()).toBe(2);
    expect(await other.cell('k', 'x')).toBe('1');
    await expect(other.append(makeBatch(0, 1))).rejects.toBeInstanceOf(StoreConflict);
    await other.append(makeBatch(2, 1));
    await expect(first.append(makeBatch(2, 1))).rejects.toBeInstanceOf(StoreConflict);
    expect(await seqs(first.entries(0, 10))).toEqual([0, 1, 2]);
    await other.close();
    await first.append(makeBatch(3, 1));
    expect(await first.size()).toBe(4);
  });
}

export function testClosing(bench: Workbench): void {
  test('what was under way is kept, then everything is let go', async () => {
    const under = bench.store.append(makeBatch(0, 5));
    await bench.store.close();
    await under;
    await bench.store.close();
    expect(await (await bench.reopen()).size()).toBe(5);
  });

  test('S7 after it nothing answers but close', async () => {
    await bench.store.append(makeBatch(0, 5));
    const { store } = bench;
    await store.close();
    await expect(store.size()).rejects.toThrow();
    await expect(store.append(makeBatch(5, 1))).rejects.toThrow();
    await expect(store.lastCheckpoint()).rejects.toThrow();
    await expect(store.cell('k', 'x')).rejects.toThrow();
    await expect(store.cells('k')).rejects.toThrow();
    await expect(store.body('A', 'result')).rejects.toThrow();
    await expect(store.expireBodies(0)).rejects.toThrow();
    await expect(collect(store.entries(0, 5))).rejects.toThrow();
    await expect(collect(store.find({}))).rejects.toThrow();
    await store.close();
  });
}
