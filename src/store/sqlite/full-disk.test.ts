import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { makeBatch } from '../suite.ts';
import { SqliteStore } from './keeper.ts';
import { openSqlite } from './open.ts';

test('when no more fits, append rejects and keeps nothing, and goes on when there is room again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lanyard-full-'));
  const path = join(dir, 'store.db');
  await (await openSqlite(path)).close();
  const db = new DatabaseSync(path);
  // The same SQLITE_FULL as a full disk gives.
  db.exec('PRAGMA max_page_count = 40');
  const store = new SqliteStore(db);
  let size = 0;
  const cells = (value: number) => [{ kind: 'k', key: 'x', value: String(value) }];
  const fill = async () => {
    for (;;) {
      await store.append(makeBatch(size, 50, { cells: cells(size) }));
      size += 50;
    }
  };
  await expect(fill()).rejects.toThrow(/full/);
  expect(size).toBeGreaterThan(0);
  expect(await store.size()).toBe(size);
  expect(await store.cell('k', 'x')).toBe(String(size - 50));
  db.exec('PRAGMA max_page_count = 4000');
  await store.append(makeBatch(size, 50, { cells: cells(size) }));
  expect(await store.size()).toBe(size + 50);
  await store.close();
  rmSync(dir, { recursive: true });
});
