import { LIMITS } from '../../../base/limits.ts';
import {
  type Body,
  type BodyPart,
  type Cell,
  type CheckpointRow,
  type EntryFilter,
  type NewestSearch,
  type Store,
  type StoredEntry,
  StoreUnusable,
} from '../../store.ts';
import type { SqliteStore } from '../keeper.ts';
import { DamagedJournal, readSegments, unsortedOf } from './segment.ts';
import { Gap, Tail } from './tail.ts';

/**
 * A store for reading, beside a running instance or after a crash: the tables, and over them what the journal holds
 * beyond them. Each call looks anew. `append` and `expireBodies` reject.
 */
export class JournalReader implements Store {
  readonly #path: string;
  readonly #tables: SqliteStore;

  constructor(path: string, tables: SqliteStore) {
    this.#path = path;
    this.#tables = tables;
  }

  async size(): Promise<number> {
    return this.#tail().size;
  }

  async lastCheckpoint(): Promise<CheckpointRow | null> {
    return this.#tail().checkpoint ?? this.#tables.lastCheckpoint();
  }

  async append(): Promise<never> {
    throw new Error('this store was opened readonly');
  }

  async *entries(from: number, to: number): AsyncGenerator<readonly StoredEntry[]> {
    const tail = this.#tail();
    yield* this.#tables.entries(from, Math.min(to, tail.first));
    yield* pagesOf(tail.entries(from, to));
  }

  async *find(filter: EntryFilter): AsyncGenerator<readonly StoredEntry[]> {
    const tail = this.#tail();
    for await (const page of this.#tables.find(filter)) {
      const known = page.filter((entry) => entry.seq < tail.first);
      if (known.length > 0) yield known;
      if (known.length < page.length) break;
    }
    yield* pagesOf(tail.entries(filter.from ?? 0, tail.size, filter));
  }

  async newest(search: NewestSearch): Promise<readonly StoredEntry[]> {
    const tail = this.#tail();
    const fresh = tail.newest(search);
    const left = search.limit - fresh.length;
    const before = Math.min(search.before, tail.first);
    return left <= 0 ? fresh : [...fresh, ...(await this.#tables.newest({ ...search, before, limit: left }))];
  }

  async body(action: string, part: BodyPart): Promise<Body | null> {
    return this.#tail().body(action, part) ?? this.#tables.body(action, part);
  }

  async expireBodies(): Promise<never> {
    throw new Error('this store was opened readonly');
  }

  async cell(kind: string, key: string): Promise<string | null> {
    const changed = this.#tail().cell(kind, key);
    return changed === undefined ? this.#tables.cell(kind, key) : changed;
  }

  async cells(kind: string): Promise<readonly Cell[]> {
    const tail = this.#tail();
    return tail.over(kind, await this.#tables.cells(kind));
  }

  close(): Promise<void> {
    return this.#tables.close();
  }

  /**
   * The journal is read first: whatever is sorted in afterwards stands in the tables by then. Where a segment was begun
   * again in between, the two may not meet, and both are read once more.
   */
  #tail(): Tail {
    for (let attempt = 1; ; attempt++) {
      try {
        const segments = readSegments(this.#path);
        const { size, mark } = this.#tables.state();
        return new Tail(size, unsortedOf(segments, mark).batches);
      } catch (fault) {
        if (fault instanceof DamagedJournal || fault instanceof Gap) {
          if (attempt < LIMITS.journalReadAttempts) continue;
          throw new StoreUnusable(`the journal of ${this.#path} is damaged: ${fault.message}`);
        }
        throw fault;
      }
    }
  }
}

function* pagesOf(entries: readonly StoredEntry[]): Generator<readonly StoredEntry[]> {
  let page: StoredEntry[] = [];
  let length = 0;
  for (const entry of entries) {
    page.push(entry);
    length += entry.text.length;
    if (page.length < LIMITS.pageEntries && length < LIMITS.pageLength) continue;
    yield page;
    page = [];
    length = 0;
  }
  if (page.length > 0) yield page;
}
