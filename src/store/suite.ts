import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AppendBatch,
  type Body,
  type EntryFilter,
  type NewEntry,
  type Store,
  StoreConflict,
  type StoredEntry,
} from './store.ts';

/** A keeper under test. `module` exports `open(dir)` too, for the child process that is killed while it appends. */
export interface Keeper {
  open(dir: string): Promise<Store>;
  readonly module: URL;
}

/** Holds a keeper to every sentence of the contract (store.ts). Nothing here knows how a keeper works. */
export function describeStore(name: string, keeper: Keeper): void {
  describe(`${name} keeps the store contract`, () => {
    const bench = new Workbench(keeper);
    beforeEach(() => bench.setUp());
    afterEach(() => bench.tearDown());
    describe('appending', () => testAppending(bench));
    describe('reading', () => testReading(bench));
    describe('finding', () => testFinding(bench));
    describe('bodies', () => testBodies(bench));
    describe('cells', () => testCells(bench));
    describe('checkpoints', () => testCheckpoints(bench));
    describe('two openers', () => testTwoOpeners(bench));
    describe('a crash', () => testCrash(bench));
    describe('closing', () => testClosing(bench));
  });
}

/** A directory of its own for each test, and the stores opened on it. */
class Workbench {
  readonly keeper: Keeper;
  dir = '';
  #opened: Store[] = [];

  constructor(keeper: Keeper) {
    this.keeper = keeper;
  }

  async setUp(): Promise<void> {
    this.dir = mkdtempSync(join(tmpdir(), 'lanyard-store-'));
    this.#opened = [];
    await this.openAnother();
  }

  async tearDown(): Promise<void> {
    for (const store of this.#opened) await store.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The one that the test works with: opened last. */
  get store(): Store {
    const store = this.#opened.at(-1);
    if (store === undefined) throw new Error('no store is open');
    return store;
  }

  async openAnother(): Promise<Store> {
    const store = await this.keeper.open(this.dir);
    this.#opened.push(store);
    return store;
  }

  /** What a restart sees. */
  async reopen(): Promise<Store> {
    await this.store.close();
    return this.openAnother();
  }
}

export function makeEntry(seq: number, rest: Partial<NewEntry> = {}): NewEntry {
  const text = rest.text ?? `{"kind":"instance.gap","seq":${seq}}`;
  const leaf = createHash('sha256').update(`\0${text}`).digest();
  return { text, leaf, kind: 'instance.gap', atMs: 1_700_000_000_000 + seq, ...rest };
}

export function makeBatch(first: number, count: number, rest: Partial<AppendBatch> = {}): AppendBatch {
  const entries = Array.from({ length: count }, (_, i) => makeEntry(first + i));
  return { first, entries, bodies: [], cells: [], ...rest };
}

async function collect(pages: AsyncIterable<readonly StoredEntry[]>): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  for await (const page of pages) {
    expect(page.length).toBeGreaterThan(0);
    all.push(...page);
  }
  return all;
}

const seqs = async (pages: AsyncIterable<readonly StoredEntry[]>) => (await collect(pages)).map((e) => e.seq);

const makeBody = (action: string, rest: Partial<Body> = {}): Body => ({
  action,
  part: 'arguments',
  salt: new Uint8Array(16).fill(9),
  text: '{"a":1}',
  expiresAtMs: 1000,
  ...rest,
});

/** A bytes-for-bytes comparison that does not mind Buffer or Uint8Array. */
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

function testAppending(bench: Workbench): void {
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

function testReading(bench: Workbench): void {
  test('text and leaf come back as they went in, byte for byte', async () => {
    const texts = [
      '{"a":"é 😀 \u2028 \uffff","b":"\\u0000\\u001f"}',
      `{"long":"${'ü'.repeat(300_000)}"}`,
      '{"quote":"\\"\'`; DROP TABLE entries; --"}',
      '{}',
    ];
    await bench.store.append({ ...makeBatch(0, 0), entries: texts.map((text, i) => makeEntry(i, { text })) });
    const read = await collect((await bench.reopen()).entries(0, 10));
    expect(read.map((e) => e.text)).toEqual(texts);
    for (const [i, text] of texts.entries())
      expect(hex(read[i]?.leaf)).toBe(hex(makeEntry(i, { text }).leaf));
  });

  test('ranges are half open, in order, and end where the log does', async () => {
    await bench.store.append(makeBatch(0, 10));
    expect(await seqs(bench.store.entries(3, 7))).toEqual([3, 4, 5, 6]);
    expect(await seqs(bench.store.entries(8, 1000))).toEqual([8, 9]);
    expect(await seqs(bench.store.entries(4, 4))).toEqual([]);
    expect(await seqs(bench.store.entries(10, 20))).toEqual([]);
    expect(await seqs(bench.store.entries(7, 3))).toEqual([]);
  });

  test('a range of many pages has no gap and no repetition', async () => {
    for (let first = 0; first < 3000; first += 500) await bench.store.append(makeBatch(first, 500));
    expect(await seqs(bench.store.entries(1, 2999))).toEqual(Array.from({ length: 2998 }, (_, i) => i + 1));
  });

  test('appending between two pages disturbs no reader, and a reader no append', async () => {
    await bench.store.append(makeBatch(0, 2000));
    let next = 2000;
    const read: number[] = [];
    for await (const page of bench.store.entries(0, 2000)) {
      read.push(...page.map((e) => e.seq));
      await bench.store.append(makeBatch(next++, 1));
    }
    expect(read).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(await bench.store.size()).toBe(next);
  });

  test('a reader may stop early, and two may read at once', async () => {
    await bench.store.append(makeBatch(0, 2000));
    for await (const page of bench.store.entries(0, 2000)) if (page[0]?.seq === 0) break;
    const both = await Promise.all([
      seqs(bench.store.entries(0, 2000)),
      seqs(bench.store.find({ kinds: ['instance.gap'] })),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(both[0].length).toBe(2000);
  });

  test('large entries come in pages of bounded size', async () => {
    const text = `{"x":"${'y'.repeat(400_000)}"}`;
    const entries = Array.from({ length: 12 }, (_, i) => makeEntry(i, { text }));
    await bench.store.append({ ...makeBatch(0, 0), entries });
    let read = 0;
    for await (const page of bench.store.entries(0, 12)) {
      expect(page.reduce((sum, e) => sum + e.text.length, 0)).toBeLessThan(4 * 1024 * 1024);
      read += page.length;
    }
    expect(read).toBe(12);
  });
}

function testFinding(bench: Workbench): void {
  const FOUND: readonly Partial<NewEntry>[] = [
    { kind: 'instance.started', atMs: 100 },
    { kind: 'action.decided', atMs: 200, action: 'A', agent: 'writer', session: 's1' },
    { kind: 'action.outcome', atMs: 300, action: 'A', agent: 'writer', session: 's1' },
    { kind: 'action.decided', atMs: 250, action: 'B', agent: 'reader', session: 's2' }, // the clock stepped back
    { kind: 'operator.applied', atMs: 400 },
    { kind: 'action.decided', atMs: 500, action: 'C', agent: 'writer', session: 's2' },
    { kind: 'action.outcome', atMs: 600, action: 'B', agent: 'reader', session: 's2' },
  ];
  const cases: readonly (readonly [EntryFilter, readonly number[]])[] = [
    [{}, [0, 1, 2, 3, 4, 5, 6]],
    [{ kinds: ['action.decided'] }, [1, 3, 5]],
    [{ kinds: ['operator.applied', 'action.outcome', 'operator.applied'] }, [2, 4, 6]],
    [{ kinds: [] }, []],
    [{ kinds: ['nothing.such'] }, []],
    [{ action: 'B' }, [3, 6]],
    [{ agent: 'writer' }, [1, 2, 5]],
    [{ agent: 'WRITER' }, []],
    [{ agent: "writer' OR 1=1 --" }, []],
    [{ session: 's2' }, [3, 5, 6]],
    [{ sinceMs: 300 }, [2, 4, 5, 6]],
    [{ sinceMs: 250 }, [2, 3, 4, 5, 6]],
    [{ sinceMs: 601 }, []],
    [{ from: 4 }, [4, 5, 6]],
    [{ from: 99 }, []],
    [{ agent: 'writer', kinds: ['action.decided'], sinceMs: 201 }, [5]],
    [{ agent: 'writer', session: 's1', action: 'A', kinds: ['action.outcome'], from: 1, sinceMs: 1 }, [2]],
    [{ agent: 'writer', session: 's2', action: 'A' }, []],
  ];
  for (const [filter, expected] of cases) {
    test(`${JSON.stringify(filter)} finds ${JSON.stringify(expected)}`, async () => {
      await bench.store.append({ ...makeBatch(0, 0), entries: FOUND.map((rest, i) => makeEntry(i, rest)) });
      expect(await seqs(bench.store.find(filter))).toEqual(expected);
    });
  }

  test('many matches come in order over many pages', async () => {
    const entries = Array.from({ length: 3000 }, (_, i) =>
      makeEntry(i, { kind: `k${i % 3}`, agent: i % 2 === 0 ? 'even' : 'odd' }),
    );
    await bench.store.append({ ...makeBatch(0, 0), entries });
    const expected = entries.flatMap((e, i) => (e.kind !== 'k1' && e.agent === 'odd' ? [i] : []));
    expect(await seqs(bench.store.find({ kinds: ['k2', 'k0'], agent: 'odd' }))).toEqual(expected);
  });
}

function testBodies(bench: Workbench): void {
  test('arguments and result are kept apart, with their salts', async () => {
    const text = `{"big":"${'😀'.repeat(500_000)}"}`;
    const salt = Uint8Array.from({ length: 16 }, (_, i) => i * 16);
    const result = makeBody('A', { part: 'result', text, salt, expiresAtMs: 5 });
    await bench.store.append(makeBatch(0, 1, { bodies: [makeBody('A'), result] }));
    const read = await (await bench.reopen()).body('A', 'result');
    expect(read?.text === text).toBe(true);
    expect(hex(read?.salt)).toBe(hex(salt));
    expect(read).toMatchObject({ action: 'A', part: 'result', expiresAtMs: 5 });
    expect((await bench.store.body('A', 'arguments'))?.text).toBe('{"a":1}');
    expect(await bench.store.body('B', 'arguments')).toBeNull();
  });

  test('a second body for the same action and part replaces the first', async () => {
    await bench.store.append(makeBatch(0, 1, { bodies: [makeBody('A')] }));
    await bench.store.append(makeBatch(1, 1, { bodies: [makeBody('A', { text: '2', expiresAtMs: 7 })] }));
    expect(await bench.store.body('A', 'arguments')).toMatchObject({ text: '2', expiresAtMs: 7 });
  });

  test('S5 bodies go when their time is over, entries stay', async () => {
    const bodies = Array.from({ length: 700 }, (_, i) => makeBody(`A${i}`, { expiresAtMs: i }));
    await bench.store.append(makeBatch(0, 2, { bodies }));
    expect(await bench.store.expireBodies(599)).toBe(600);
    expect(await bench.store.body('A599', 'arguments')).toBeNull();
    expect(await bench.store.body('A600', 'arguments')).not.toBeNull();
    expect(await bench.store.expireBodies(599)).toBe(0);
    expect(await (await bench.reopen()).body('A599', 'arguments')).toBeNull();
    expect(await bench.store.size()).toBe(2);
  });
}

function testCells(bench: Workbench): void {
  test('a cell is set, replaced and removed together with its entry', async () => {
    const change = (value: string | null) => [{ kind: 'level', key: 'writer', value }];
    await bench.store.append(makeBatch(0, 1, { cells: change('live') }));
    await bench.store.append(makeBatch(1, 1, { cells: change('frozen') }));
    expect(await bench.store.cell('level', 'writer')).toBe('frozen');
    await bench.store.append(makeBatch(2, 0, { cells: change('') }));
    expect(await bench.store.cell('level', 'writer')).toBe('');
    await bench.store.append(makeBatch(2, 1, { cells: change(null) }));
    expect(await bench.store.cell('level', 'writer')).toBeNull();
    await bench.store.append(makeBatch(3, 1, { cells: change(null) }));
    expect(await (await bench.reopen()).cell('level', 'writer')).toBeNull();
  });

  test('the last change of a cell within a batch is the one that holds', async () => {
    const values = ['a', null, 'b', null, 'c'];
    const cells = values.map((value) => ({ kind: 'k', key: 'x', value }));
    await bench.store.append(makeBatch(0, 0, { cells }));
    expect(await bench.store.cell('k', 'x')).toBe('c');
  });

  test('kinds are apart, and cells come in the order of UTF-16 code units', async () => {
    const names = ['b', 'a', '', 'A', 'é', '\uff5e', '😀', '10', '9', 'a b'];
    const cells = names.map((key) => ({ kind: 'pin', key, value: `v${key}` }));
    await bench.store.append(
      makeBatch(0, 1, { cells: [...cells, { kind: 'token', key: 'a', value: 'other' }] }),
    );
    const read = await bench.store.cells('pin');
    expect(read).toEqual([...names].sort().map((key) => ({ key, value: `v${key}` })));
    expect(await bench.store.cell('token', 'a')).toBe('other');
    expect(await bench.store.cells('none')).toEqual([]);
  });

  test('a large value comes back whole', async () => {
    const value = `rules ${'→ß'.repeat(1_000_000)}`;
    await bench.store.append(makeBatch(0, 0, { cells: [{ kind: 'in-force', key: 'policy', value }] }));
    expect((await (await bench.reopen()).cell('in-force', 'policy')) === value).toBe(true);
  });
}

function testCheckpoints(bench: Workbench): void {
  const row = (size: number, note = `note ${size}\n`) => ({
    size,
    note,
    frontier: new Uint8Array(32).fill(size),
    open: [`A${size}`, 'B'],
  });

  test('the newest one is answered, whole', async () => {
    await bench.store.append(makeBatch(0, 5, { checkpoint: row(5) }));
    await bench.store.append(makeBatch(5, 5, { checkpoint: row(8, 'note — 8\n') }));
    const last = await (await bench.reopen()).lastCheckpoint();
    expect(last).toMatchObject({ size: 8, note: 'note — 8\n', open: ['A8', 'B'] });
    expect(hex(last?.frontier)).toBe('08'.repeat(32));
  });

  test('one may come alone, and again at the same size', async () => {
    await bench.store.append(makeBatch(0, 5));
    await bench.store.append(makeBatch(5, 0, { checkpoint: row(5) }));
    await bench.store.append(makeBatch(5, 0, { checkpoint: row(5, 'again\n') }));
    expect(await bench.store.lastCheckpoint()).toMatchObject({ size: 5, note: 'again\n' });
  });

  test('none goes back behind the last one or beyond the log', async () => {
    await bench.store.append(makeBatch(0, 5, { checkpoint: row(5) }));
    await expect(bench.store.append(makeBatch(5, 1, { checkpoint: row(4) }))).rejects.toBeInstanceOf(
      RangeError,
    );
    await expect(bench.store.append(makeBatch(5, 1, { checkpoint: row(7) }))).rejects.toBeInstanceOf(
      RangeError,
    );
    expect(await bench.store.lastCheckpoint()).toMatchObject({ size: 5 });
    expect(await bench.store.size()).toBe(5);
  });
}

function testTwoOpeners(bench: Workbench): void {
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

const CRASHER = fileURLToPath(new URL('./suite-crash.ts', import.meta.url));
/** Each batch of the crashing child: so many entries, a body and a cell, and a checkpoint over all of it. */
const CRASH_BATCH = 7;

function testCrash(bench: Workbench): void {
  test('S1 S2 a writer killed while it appends leaves whole batches and all that were acknowledged', async () => {
    for (const acknowledgedAtLeast of [1, 5, 40]) {
      const before = await bench.store.size();
      await bench.store.close();
      const acknowledged = await killWhileAppending(bench, before, acknowledgedAtLeast);
      await bench.openAnother();
      const size = await bench.store.size();
      expect(size).toBeGreaterThanOrEqual(acknowledged);
      await expectWholeBatches(bench.store, size);
    }
  });
}

/** Resolves to the size of the log that the child last heard acknowledged, once it is dead. */
async function killWhileAppending(bench: Workbench, before: number, batches: number): Promise<number> {
  const child = spawn(process.execPath, [CRASHER, bench.keeper.module.href, bench.dir, String(CRASH_BATCH)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let acknowledged = before;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged >= before + batches * CRASH_BATCH) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

async function expectWholeBatches(store: Store, size: number): Promise<void> {
  expect(size % CRASH_BATCH).toBe(0);
  expect(await seqs(store.entries(0, size + 100))).toEqual(Array.from({ length: size }, (_, i) => i));
  expect(await store.cell('crash', 'size')).toBe(String(size));
  expect(await store.lastCheckpoint()).toMatchObject({ size, note: `note ${size}` });
  expect(await store.body(`A${size - CRASH_BATCH}`, 'result')).toMatchObject({ text: `body ${size}` });
  expect(await store.body(`A${size}`, 'result')).toBeNull();
}

function testClosing(bench: Workbench): void {
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
