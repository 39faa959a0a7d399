import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createSigner,
  createTree,
  encodeEntry,
  leafHash,
  parseVerifierKey,
  type Report,
  signCheckpoint,
  verifyStored,
  verifyTail,
} from '../../ledger/index.ts';
import type { AppendBatch, Store } from '../store.ts';
import { openSqlite } from './open.ts';

/** Somebody edits the database file with another program. What is found then, over a real store from end to end. */

const ORIGIN = 'lanyard.example/main';
const signer = createSigner(ORIGIN);
let dir: string;
let path: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lanyard-tampering-'));
  path = join(dir, 'store.db');
  const store = await openSqlite(path);
  const tree = createTree();
  await store.append(batchOf(tree.size, 1100, tree, true));
  await store.append(batchOf(tree.size, 50, tree, false));
  await store.close();
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Appends to `tree` what the batch holds. */
function batchOf(
  first: number,
  count: number,
  tree: ReturnType<typeof createTree>,
  signed: boolean,
): AppendBatch {
  const entries = Array.from({ length: count }, (_, i) => {
    const entry = { seq: first + i, at: '2026-11-20T20:18:19.693Z', kind: 'instance.gap' } as const;
    const text = encodeEntry(entry);
    const leaf = leafHash(text);
    tree.append(leaf);
    return { text, leaf, kind: entry.kind, atMs: i };
  });
  const { size } = tree;
  const note = signCheckpoint(signer, ORIGIN, size, tree.root());
  const checkpoint = { size, note, frontier: tree.frontier(), open: [] };
  return { first, entries, bodies: [], cells: [], ...(signed ? { checkpoint } : {}) };
}

function edit(sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

async function verify<T>(how: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqlite(path, { readOnly: true });
  try {
    return await how(store);
  } finally {
    await store.close();
  }
}

async function common(store: Store) {
  const key = parseVerifierKey(signer.verifierKey);
  if (!key.ok) throw new Error(key.error);
  return { checkpoint: await store.lastCheckpoint(), key: key.value, origin: ORIGIN };
}

const whole = () =>
  verify(
    async (store): Promise<Report> => verifyStored(store.entries(0, await store.size()), await common(store)),
  );

const start = () =>
  verify(async (store) => {
    const options = { ...(await common(store)), size: await store.size() };
    return verifyTail(store.entries(options.checkpoint?.size ?? 0, options.size), options);
  });

const codes = (report: Report) => [...new Set(report.faults.map((fault) => fault.code))];

test('untouched, it holds', async () => {
  expect(await whole()).toMatchObject({ holds: true, entries: 1150, covered: 1100, tail: 50 });
  const started = await start();
  expect(started.ok && started.value.tree.size).toBe(1150);
});

test.each([
  [
    'a text',
    `UPDATE entries SET text = replace(text, 'gap', 'gop') WHERE seq = 700`,
    ['changed', 'root-mismatch'],
    700,
  ],
  ['a leaf', `UPDATE entries SET leaf = zeroblob(32) WHERE seq = 700`, ['changed'], 700],
  ['a leaf cut short', `UPDATE entries SET leaf = x'00' WHERE seq = 700`, ['changed'], 700],
  ['a removed entry', `DELETE FROM entries WHERE seq = 700`, ['missing', 'root-mismatch'], 700],
  [
    'a moved entry',
    `UPDATE entries SET seq = -1 WHERE seq = 700; UPDATE entries SET seq = 700 WHERE seq = 701;
     UPDATE entries SET seq = 701 WHERE seq = -1`,
    ['changed', 'reordered', 'root-mismatch'],
    700,
  ],
  ['the beginning removed', `DELETE FROM entries WHERE seq < 700`, ['missing'], 0],
])('%s behind the checkpoint is found by the whole verification', async (_, sql, expected, from) => {
  edit(sql);
  const report = await whole();
  expect(report).toMatchObject({ holds: false });
  for (const code of expected) expect(codes(report)).toContain(code);
  expect(report.faults.find(({ code }) => code === expected[0])?.from).toBe(from);
  expect(report.brokenFrom).toBe(from);
});

test.each([
  [
    'an entry of the tail',
    `UPDATE entries SET text = replace(text, 'gap', 'gop') WHERE seq = 1120`,
    'changed',
  ],
  ['an entry of the tail removed', `DELETE FROM entries WHERE seq = 1120`, 'missing'],
  ['the log cut off before the checkpoint', `DELETE FROM entries WHERE seq >= 1000`, 'truncated'],
  ['the note', `UPDATE checkpoint SET note = replace(note, '1100', '1099')`, 'bad-checkpoint'],
  ['the size beside the note', `UPDATE checkpoint SET size = 1099`, 'bad-checkpoint'],
  ['the subtree roots', `UPDATE checkpoint SET frontier = zeroblob(length(frontier))`, 'bad-frontier'],
  ['a subtree root too many', `UPDATE checkpoint SET frontier = zeroblob(960)`, 'bad-frontier'],
])('%s changed stops the start', async (_, sql, code) => {
  edit(sql);
  const started = await start();
  expect(!started.ok && codes(started.error)).toContain(code);
  expect((await whole()).holds).toBe(false);
});

test('a text that is not UTF-8 is found', async () => {
  edit(`UPDATE entries SET text = CAST(x'7bff7d' AS TEXT) WHERE seq = 700`);
  expect(codes(await whole())).toContain('changed');
});
