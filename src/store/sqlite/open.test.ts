import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreUnusable } from '../store.ts';
import { makeBatch, makeBody } from '../suite.ts';
import { openSqlite } from './open.ts';
import { openTables } from './tables.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lanyard-sqlite-'));
  path = join(dir, 'store.db');
});
afterEach(() => rmSync(dir, { recursive: true }));

test('every file of it is readable by its owner alone, also one that was wider', async () => {
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  const store = await openSqlite(path);
  await store.append(makeBatch(0, 1));
  for (const file of readdirSync(dir)) expect(statSync(join(dir, file)).mode & 0o077, file).toBe(0);
  expect(readdirSync(dir).length).toBe(5);
  await store.close();
});

test('a newer schema is refused and stays as it is', async () => {
  await (await openSqlite(path)).close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 99');
  db.close();
  await expect(openSqlite(path)).rejects.toBeInstanceOf(StoreUnusable);
  await expect(openSqlite(path)).rejects.toThrow(/newer version.*99/);
});

test("another program's database is refused and stays as it is", async () => {
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE theirs (x)');
  db.close();
  const before = readFileSync(path);
  await expect(openSqlite(path)).rejects.toThrow(/not one of Lanyard's/);
  await expect(openSqlite(path, { readOnly: true })).rejects.toBeInstanceOf(StoreUnusable);
  expect(readFileSync(path)).toEqual(before);
});

test('a file that is no database is refused', async () => {
  writeFileSync(path, 'x'.repeat(5000));
  await expect(openSqlite(path)).rejects.toBeInstanceOf(StoreUnusable);
  expect(readFileSync(path, 'utf8')).toBe('x'.repeat(5000));
});

test('a reader beside the instance sees what is appended and can append nothing', async () => {
  const store = await openSqlite(path);
  await store.append(makeBatch(0, 2));
  const reader = await openSqlite(path, { readOnly: true });
  await store.append(makeBatch(2, 1));
  expect(await reader.size()).toBe(3);
  await expect(reader.append(makeBatch(3, 1))).rejects.toThrow(/readonly/);
  await reader.close();
  await store.close();
  await expect(openSqlite(join(dir, 'none.db'), { readOnly: true })).rejects.toThrow();
  expect(readdirSync(dir)).not.toContain('none.db');
});

test('what is synced is in the files: a copy taken while it is open holds every batch', async () => {
  const store = await openSqlite(path);
  for (let i = 0; i < 20; i++) await store.append(makeBatch(i, 1));
  for (const file of readdirSync(dir)) copyFileSync(join(dir, file), join(dir, `copy-${file}`));
  const copy = await openSqlite(join(dir, 'copy-store.db'));
  expect(await copy.size()).toBe(20);
  await copy.close();
  await store.close();
});

test('an expired body is gone from the file, not only from the index', async () => {
  const store = await openSqlite(path);
  const secret = 'a-very-particular-argument';
  const body = {
    action: 'A',
    part: 'arguments',
    salt: new Uint8Array(16),
    text: secret,
    expiresAtMs: 1,
  } as const;
  await store.append(makeBatch(0, 1, { bodies: [body] }));
  await store.expireBodies(1);
  expect(filesWith(secret)).toEqual([]);
  await store.close();
  expect(filesWith(secret)).toEqual([]);
});

test('a body that had been removed when the instance was killed is gone from the files after the next start', async () => {
  const secret = 'another-particular-argument';
  const killed = openTables(path);
  const lost = join(dir, 'lost');
  await killed.append(makeBatch(0, 1, { bodies: [makeBody('A', { text: secret, expiresAtMs: 1 })] }));
  await killed.expireBodies(1);
  mkdirSync(lost);
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, join(lost, `store.db${end}`));
  await killed.close();
  expect(filesWith(secret, lost)).not.toEqual([]);
  const store = await openSqlite(join(lost, 'store.db'));
  expect(await store.expireBodies(1)).toBe(0);
  expect(filesWith(secret, lost)).toEqual([]);
  await store.close();
});

test('a close while expired bodies are taken out comes to no harm, and leaves none of them', async () => {
  const text = 'a-third-particular-argument';
  for (const bodies of [[], [makeBody('A', { text, expiresAtMs: 1 })]]) {
    const store = await openSqlite(path);
    await store.append(makeBatch(await store.size(), 1, { bodies }));
    expect(await store.body('A', 'arguments')).toEqual(bodies[0] ?? null);
    const removed = store.expireBodies(1);
    // Until it has begun: a read that was asked for later is answered.
    await store.cells('k');
    await store.close();
    expect(await removed).toBe(bodies.length);
  }
  expect(filesWith(text)).toEqual([]);
});

function filesWith(text: string, where = dir): string[] {
  return readdirSync(where, { withFileTypes: true })
    .filter((file) => file.isFile() && readFileSync(join(where, file.name)).includes(text))
    .map(({ name }) => name);
}
