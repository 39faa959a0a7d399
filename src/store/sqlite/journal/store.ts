import { LIMITS } from '../../../base/limits.ts';
import {
  type AppendBatch,
  type Body,
  type BodyPart,
  type Cell,
  type CheckpointRow,
  type EntryFilter,
  type NewestSearch,
  type Store,
  StoreConflict,
  type StoredEntry,
  StoreUnusable,
} from '../../store.ts';
import type { SqliteStore } from '../keeper.ts';
import { openTables, syncCommits } from '../tables.ts';
import { Journal } from './journal.ts';
import { DamagedJournal, readSegments, unsortedOf } from './segment.ts';
import { Sorting } from './sorting.ts';

/** Opens the tables and sorts in what a crash left in the journal. Throws StoreUnusable where that does not hold. */
export function openJournaled(path: string): Store {
  const tables = openTables(path);
  try {
    const { batches, mark } = unsortedOf(readSegments(path), tables.mark());
    if (batches.length > 0) {
      tables.sortIn(batches, mark);
      // Must be on the disk before the segments, which held it so far, are emptied.
      syncCommits(path);
    }
    return new JournaledStore(tables, new Journal(path, mark.order + 1), new Sorting(path));
  } catch (fault) {
    void tables.close();
    if (fault instanceof DamagedJournal || fault instanceof StoreConflict)
      throw new StoreUnusable(
        `the journal of ${path} is damaged: ${fault.message}. What it holds beyond the tables cannot be trusted; keep the files for whoever looks into it`,
      );
    throw fault;
  }
}

interface Waiting {
  readonly batch: AppendBatch;
  resolve(): void;
  reject(fault: unknown): void;
}

/** The end of the log, as far as it has got. */
interface End {
  readonly size: number;
  readonly checkpoint: CheckpointRow | null;
}

/**
 * The store contract with a journal before the tables: a batch is durable, and acknowledged, when its frame is synced;
 * a thread sorts many of them into the tables and their indexes later, in one commit. Reads wait until all that was
 * acknowledged before them is there. Nothing is appended while sorting fails, so the journal stays bounded.
 */
class JournaledStore implements Store {
  readonly #tables: SqliteStore;
  readonly #journal: Journal;
  readonly #sorting: Sorting;
  #end: End;
  #queue: Waiting[] = [];
  #turnWanted = false;
  #pumping: Promise<void> | null = null;
  #closed = false;

  constructor(tables: SqliteStore, journal: Journal, sorting: Sorting) {
    this.#tables = tables;
    this.#journal = journal;
    this.#sorting = sorting;
    this.#end = tables.state();
  }

  async size(): Promise<number> {
    this.#mustBeOpen();
    return this.#end.size;
  }

  async lastCheckpoint(): Promise<CheckpointRow | null> {
    this.#mustBeOpen();
    return this.#end.checkpoint;
  }

  append(batch: AppendBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#mustBeOpen();
      this.#queue.push({ batch, resolve, reject });
      void this.#pump();
    });
  }

  async *entries(from: number, to: number): AsyncGenerator<readonly StoredEntry[]> {
    await this.#sorted();
    yield* this.#tables.entries(from, to);
  }

  async *find(filter: EntryFilter): AsyncGenerator<readonly StoredEntry[]> {
    await this.#sorted();
    yield* this.#tables.find(filter);
  }

  async newest(search: NewestSearch): Promise<readonly StoredEntry[]> {
    await this.#sorted();
    return this.#tables.newest(search);
  }

  async body(action: string, part: BodyPart): Promise<Body | null> {
    await this.#sorted();
    return this.#tables.body(action, part);
  }

  /**
   * Bodies that expire are gone from every file when this resolves. The write-ahead log is emptied even if none did: an
   * instance may have been killed between. A close that comes meanwhile empties all of it by itself.
   */
  async expireBodies(nowMs: number): Promise<number> {
    await this.#sorted();
    if (this.#closed) return 0;
    const removed = await this.#sorting.expire(nowMs);
    if (this.#closed) return removed;
    if (removed > 0) {
      this.#turnWanted = true;
      await this.#pump();
      await this.#sorting.done();
    }
    if (!this.#closed) await this.#sorting.settle();
    return removed;
  }

  async cell(kind: string, key: string): Promise<string | null> {
    await this.#sorted();
    return this.#tables.cell(kind, key);
  }

  async cells(kind: string): Promise<readonly Cell[]> {
    await this.#sorted();
    return this.#tables.cells(kind);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pumping;
    // What cannot be sorted in now stays in the journal, where the next start finds it.
    this.#sorting.sort(this.#journal.extent);
    this.#sorting.wipe(this.#journal.extent);
    await this.#sorting.close();
    this.#journal.close();
    await this.#tables.close();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new Error('the store is closed');
  }

  async #sorted(): Promise<void> {
    this.#mustBeOpen();
    this.#sorting.sort(this.#journal.extent);
    await this.#sorting.done();
  }

  #pump(): Promise<void> {
    this.#pumping ??= this.#pumpAll();
    return this.#pumping;
  }

  /** Writes group after group: all batches that wait are written one after the other, and made durable by one sync. */
  async #pumpAll(): Promise<void> {
    while (this.#queue.length > 0 || this.#turnWanted) {
      const fault = await this.#makeRoom();
      const group = this.#queue.splice(0);
      if (fault === null) this.#keep(group);
      else for (const one of group) one.reject(fault);
    }
    this.#pumping = null;
  }

  /**
   * Turns to the other segment where this one is full. Answers why no more can be taken: what was appended cannot be
   * sorted in. null: there is room.
   */
  async #makeRoom(): Promise<Error | null> {
    const isFull = this.#turnWanted || this.#journal.extent.to > LIMITS.journalSegmentBytes;
    if (!isFull && this.#sorting.fault === null) return null;
    this.#turnWanted = false;
    try {
      // When all that was asked for is done, the other segment has been wiped too.
      await this.#sorting.done();
      if (isFull) this.#turn();
      return null;
    } catch (fault) {
      return fault instanceof Error ? fault : new Error(String(fault));
    }
  }

  #turn(): void {
    const full = this.#journal.extent;
    this.#journal.turn();
    this.#sorting.sort(full);
    this.#sorting.wipe(full);
  }

  #keep(group: readonly Waiting[]): void {
    let end = this.#end;
    const written: Waiting[] = [];
    try {
      for (const one of group) {
        const next = endAfter(end, one.batch);
        if (next instanceof Error) {
          one.reject(next);
          continue;
        }
        this.#journal.write(one.batch);
        end = next;
        written.push(one);
      }
      if (written.length > 0) this.#journal.sync();
    } catch (fault) {
      this.#journal.forget();
      for (const one of group) one.reject(fault);
      return;
    }
    this.#end = end;
    for (const one of written) one.resolve();
    this.#sorting.sortSoon(this.#journal.extent);
  }
}

/** The end of the log with this batch behind it, or why it cannot stand there. */
function endAfter(end: End, { first, entries, checkpoint }: AppendBatch): End | Error {
  if (first !== end.size) return new StoreConflict(first, end.size);
  for (const entry of entries)
    if (entry.leaf.length !== 32) return new RangeError('a leaf hash has 32 bytes');
  const size = first + entries.length;
  if (checkpoint === undefined) return { size, checkpoint: end.checkpoint };
  if (checkpoint.size > size)
    return new RangeError(`a checkpoint over ${checkpoint.size} entries does not fit a log of ${size}`);
  if (checkpoint.size < (end.checkpoint?.size ?? 0))
    return new RangeError('a checkpoint does not go back behind the last one');
  return { size, checkpoint };
}
