import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AppendBatch, Body, NewEntry, Store, StoredEntry } from '../store.ts';

/** A keeper under test. `module` exports `open(dir)` too, for the child process that is killed while it appends. */
export interface Keeper {
  open(dir: string): Promise<Store>;
  readonly module: URL;
  /** Whether several may have it open for writing at once. */
  readonly shared: boolean;
}

/** A directory of its own for each test, and the stores opened on it. */
export class Workbench {
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

export async function collect(pages: AsyncIterable<readonly StoredEntry[]>): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  for await (const page of pages) {
    expect(page.length).toBeGreaterThan(0);
    all.push(...page);
  }
  return all;
}

export const seqs = async (pages: AsyncIterable<readonly StoredEntry[]>) =>
  (await collect(pages)).map((e) => e.seq);

export const makeBody = (action: string, rest: Partial<Body> = {}): Body => ({
  action,
  part: 'arguments',
  salt: new Uint8Array(16).fill(9),
  text: '{"a":1}',
  expiresAtMs: 1000,
  ...rest,
});

/** A bytes-for-bytes comparison that does not mind Buffer or Uint8Array. */
export const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
