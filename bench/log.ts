import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entry } from '../src/contract/log-entry.ts';
import {
  bundleHeader,
  bundleLines,
  createSigner,
  createTree,
  encodeEntry,
  leafHash,
  parseVerifierKey,
  type Report,
  type Signer,
  signCheckpoint,
  type Tree,
  type VerifierKey,
  verifyBundle,
  verifyStored,
  verifyTail,
} from '../src/ledger/index.ts';
import { openSqlite } from '../src/store/sqlite/index.ts';
import type { AppendBatch, NewEntry, Store } from '../src/store/store.ts';

const ORIGIN = 'bench.example/log';
const BATCH = 256;

interface LogFigures {
  /** Entries a second, durable: batches of 256, with tree, indexes, and a checkpoint for each 1,000. */
  readonly appendPerSecond: number;
  /** The same, every second entry with an arguments and a result body of about 400 bytes each. */
  readonly appendWithBodiesPerSecond: number;
  /** How long one batch took, in milliseconds. */
  readonly batchMs: { readonly p50: number; readonly p99: number; readonly most: number };
  readonly entries: number;
  readonly storeBytes: number;
  readonly bundleBytes: number;
  /** Entries a second. */
  readonly verifyStorePerSecond: number;
  readonly verifyStoreDeepPerSecond: number;
  readonly verifyBundlePerSecond: number;
  readonly verifyBundleDeepPerSecond: number;
  readonly exportPerSecond: number;
  /** Opening a log of `entries` and verifying its checkpoint, frontier and tail. */
  readonly startMs: number;
  /** Resident memory of a fresh process after that start, idle. */
  readonly startRssBytes: number;
}

/** A minute of disk work, told in lines with what is needed beside what was measured. */
export async function run(): Promise<readonly string[]> {
  const f = await measure(1_000_000);
  const count = (n: number) => n.toLocaleString('en');
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    `append, durable, batches of ${BATCH}      ${count(f.appendPerSecond)}/s (need 30,000)`,
    `the same, with bodies              ${count(f.appendWithBodiesPerSecond)}/s (need 20,000)`,
    `one batch                          p50 ${f.batchMs.p50} ms, p99 ${f.batchMs.p99} ms, most ${f.batchMs.most} ms`,
    `verify from the store              ${count(f.verifyStorePerSecond)}/s (need 150,000), deep ${count(f.verifyStoreDeepPerSecond)}/s`,
    `verify from a bundle               ${count(f.verifyBundlePerSecond)}/s (need 80,000), deep ${count(f.verifyBundleDeepPerSecond)}/s`,
    `export                             ${count(f.exportPerSecond)}/s`,
    `start with ${count(f.entries)} entries        ${f.startMs} ms (need 2,000), then ${mib(f.startRssBytes)} resident (need 200)`,
    `store ${mib(f.storeBytes)}, bundle ${mib(f.bundleBytes)}`,
  ];
}

/** In a temporary directory, removed afterwards. */
export async function measure(entries: number): Promise<LogFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'lanyard-bench-'));
  try {
    const bodies = await fill(join(dir, 'bodies.db'), Math.min(entries, 100_000), true);
    const plain = await fill(join(dir, 'log.db'), entries, false);
    return {
      appendPerSecond: plain.perSecond,
      appendWithBodiesPerSecond: bodies.perSecond,
      batchMs: plain.batchMs,
      entries,
      storeBytes: statSync(join(dir, 'log.db')).size,
      ...(await verifyAll(dir, plain.key)),
      ...(await startAlone(join(dir, 'log.db'), plain.key)),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

interface Filled {
  readonly perSecond: number;
  readonly batchMs: LogFigures['batchMs'];
  readonly key: VerifierKey;
}

async function fill(path: string, count: number, withBodies: boolean): Promise<Filled> {
  const signer = createSigner(ORIGIN);
  const store = await openSqlite(path);
  const tree = createTree();
  const times: number[] = [];
  // The tail is left uncovered, as a crash would leave it.
  const started = performance.now();
  for (let first = 0; first < count; first += BATCH) {
    const begun = performance.now();
    const batch = makeBatch(tree, first, Math.min(BATCH, count - first), withBodies);
    const due = Math.floor(tree.size / 1000) > Math.floor(first / 1000) && tree.size < count - 100;
    await store.append(due ? { ...batch, checkpoint: checkpointOf(signer, tree) } : batch);
    times.push(performance.now() - begun);
  }
  const seconds = (performance.now() - started) / 1000;
  await store.close();
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  const key = parseVerifierKey(signer.verifierKey);
  if (!key.ok) throw new Error(key.error);
  return {
    perSecond: Math.round(count / seconds),
    batchMs: { p50: at(0.5), p99: at(0.99), most: at(1) },
    key: key.value,
  };
}

function checkpointOf(signer: Signer, tree: Tree) {
  const { size } = tree;
  return {
    size,
    note: signCheckpoint(signer, ORIGIN, size, tree.root()),
    frontier: tree.frontier(),
    open: [],
  };
}

function makeBatch(tree: Tree, first: number, count: number, withBodies: boolean): AppendBatch {
  const entries: NewEntry[] = [];
  const bodies: AppendBatch['bodies'][number][] = [];
  for (let seq = first; seq < first + count; seq++) {
    const entry = makeEntry(seq);
    const text = encodeEntry(entry);
    const leaf = leafHash(text);
    tree.append(leaf);
    const { kind, action = '', agent = '', session = '' } = entry;
    entries.push({ text, leaf, kind, atMs: 1_763_669_000_000 + seq, action, agent, session });
    if (!withBodies || seq % 2 === 0) continue;
    const salt = leaf.subarray(0, 16);
    const body = { action, salt, text: BODY, expiresAtMs: 1_766_000_000_000 + seq };
    bodies.push({ ...body, part: 'arguments' }, { ...body, part: 'result' });
  }
  return { first, entries, bodies, cells: [] };
}

const BODY = JSON.stringify({ path: '/srv/w/a.txt', content: 'lorem ipsum dolor sit amet '.repeat(14) });
const HEX = '0123456789abcdef'.repeat(4);

/** Decisions and outcomes in turn, as the corridor writes them. */
function makeEntry(seq: number): Entry {
  const place = {
    seq,
    at: '2026-11-20T20:18:19.693Z',
    action: `01JD${String(Math.floor(seq / 2)).padStart(22, '0')}`,
    agent: `agent-${seq % 7}`,
    owner: 'ada',
    session: `01JC${String(Math.floor(seq / 200)).padStart(22, '0')}`,
    door: 'mcp',
    operation: 'mcp:files/write_file',
  };
  if (seq % 2 === 1)
    return { ...place, kind: 'action.outcome', outcome: 'ok', resultDigest: `sha256:${HEX}` };
  return {
    ...place,
    kind: 'action.decided',
    target: { type: 'Path', id: `/srv/w/${seq}.txt` },
    pin: `sha256:${HEX}`,
    argumentsDigest: `sha256:${HEX}`,
    decision: 'allow',
    rules: ['writes-in-workspace'],
    policy: `sha256:${HEX}`,
  };
}

type Verified = Pick<
  LogFigures,
  | 'verifyStorePerSecond'
  | 'verifyStoreDeepPerSecond'
  | 'verifyBundlePerSecond'
  | 'verifyBundleDeepPerSecond'
  | 'exportPerSecond'
  | 'bundleBytes'
>;

async function verifyAll(dir: string, key: VerifierKey): Promise<Verified> {
  const bundle = join(dir, 'bundle.ndjson');
  const store = await openSqlite(join(dir, 'log.db'), { readOnly: true });
  const checkpoint = await store.lastCheckpoint();
  const size = await store.size();
  const stored = (deep: boolean) =>
    rate(() => verifyStored(store.entries(0, size), { checkpoint, key, origin: ORIGIN, deep }));
  const bundled = (deep: boolean) =>
    rate(() => verifyBundle(createReadStream(bundle, { highWaterMark: 256 * 1024 }), { key, deep }));
  const figures = {
    verifyStorePerSecond: await stored(false),
    verifyStoreDeepPerSecond: await stored(true),
    exportPerSecond: await exportBundle(store, bundle, key),
    verifyBundlePerSecond: await bundled(false),
    verifyBundleDeepPerSecond: await bundled(true),
    bundleBytes: statSync(bundle).size,
  };
  await store.close();
  return figures;
}

async function rate(verify: () => Promise<Report>): Promise<number> {
  const started = performance.now();
  const report = await verify();
  if (!report.holds) throw new Error(JSON.stringify(report.faults));
  return Math.round((report.entries / (performance.now() - started)) * 1000);
}

async function exportBundle(store: Store, path: string, key: VerifierKey): Promise<number> {
  const started = performance.now();
  const checkpoint = await store.lastCheckpoint();
  if (checkpoint === null) throw new Error('the log has no checkpoint');
  const file = createWriteStream(path);
  file.write(bundleHeader(ORIGIN, key.line, checkpoint.note));
  for await (const page of store.entries(0, checkpoint.size)) {
    if (!file.write(bundleLines(page)))
      await new Promise((resolve) => file.once('drain', () => resolve(undefined)));
  }
  await new Promise((resolve) => file.end(() => resolve(undefined)));
  return Math.round((checkpoint.size / (performance.now() - started)) * 1000);
}

/** The start in a process of its own, so that memory is what a start needs and not what this bench has used. */
async function startAlone(
  path: string,
  key: VerifierKey,
): Promise<Pick<LogFigures, 'startMs' | 'startRssBytes'>> {
  const { execFileSync } = await import('node:child_process');
  const out = execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'start', path, key.line]);
  return JSON.parse(out.toString()) as Pick<LogFigures, 'startMs' | 'startRssBytes'>;
}

async function start(path: string, keyLine: string): Promise<void> {
  const key = parseVerifierKey(keyLine);
  if (!key.ok) throw new Error(key.error);
  const started = performance.now();
  const store = await openSqlite(path);
  const checkpoint = await store.lastCheckpoint();
  const size = await store.size();
  const pages = store.entries(checkpoint?.size ?? 0, size);
  const tail = await verifyTail(pages, { checkpoint, key: key.value, origin: ORIGIN, size });
  if (!tail.ok) throw new Error(JSON.stringify(tail.error));
  const startMs = round(performance.now() - started);
  process.stdout.write(JSON.stringify({ startMs, startRssBytes: process.memoryUsage.rss() }));
  await store.close();
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

const [, , command, path, keyLine] = process.argv;
if (import.meta.main) {
  if (command === 'start' && path !== undefined && keyLine !== undefined) await start(path, keyLine);
  else for (const line of await run()) console.log(line);
}
