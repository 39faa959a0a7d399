import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import type { Store } from '../../src/store/store.ts';
import { makeBatch } from '../../src/store/suite.ts';
import { faulty, StoreFault } from './faulty-store.ts';

let dir: string;
let inner: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lanyard-faulty-'));
  inner = await openSqlite(join(dir, 'store.db'));
});
afterEach(async () => {
  await inner.close();
  rmSync(dir, { recursive: true });
});

test('the planned appends fail as planned, the others work', async () => {
  const store = faulty(inner, new Map([[2, 'fail'] as const, [3, 'fail-kept'] as const]));
  await store.append(makeBatch(0, 1));
  await expect(store.append(makeBatch(1, 1))).rejects.toBeInstanceOf(StoreFault);
  expect(await store.size()).toBe(1);
  await expect(store.append(makeBatch(1, 1))).rejects.toBeInstanceOf(StoreFault);
  expect(await store.size()).toBe(2);
  await store.append(makeBatch(2, 1));
  expect(await inner.size()).toBe(3);
});

test('a held append waits, before or after it is kept', async () => {
  const store = faulty(inner);
  for (const [fault, kept] of [
    ['hold', 0],
    ['hold-kept', 2],
  ] as const) {
    store.faultNext(fault);
    const first = await inner.size();
    const append = store.append(makeBatch(first, 1));
    const held = await store.held();
    expect(held.batch.first).toBe(first);
    expect(await inner.size()).toBe(kept);
    held.release();
    await append;
    expect(await inner.size()).toBe(first + 1);
  }
});

test('a store that is down answers nothing', async () => {
  const store = faulty(inner);
  store.isDown = true;
  await expect(store.size()).rejects.toBeInstanceOf(StoreFault);
  await expect(store.append(makeBatch(0, 1))).rejects.toBeInstanceOf(StoreFault);
  store.isDown = false;
  await store.append(makeBatch(0, 1));
});
