import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
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
} from '../store.ts';
import { bytesOf, numberOf, textOf } from './columns.ts';
import { EntrySearch } from './find.ts';
import type { JournalMark } from './journal/segment.ts';
import { PAGE_COLUMNS, type PageQuery, readPage } from './page.ts';

interface TablesState {
  readonly size: number;
  readonly checkpoint: CheckpointRow | null;
  readonly mark: JournalMark;
}

/**
 * The tables: the store contract in one SQLite file, by itself. Calls are synchronous inside: what was called first is
 * done first. An instance appends through the journal before them (journal/store.ts), which sorts batches in.
 */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #sql: ReturnType<typeof prepareAll>;
  readonly #search: EntrySearch;

  /** `db` is open, configured and of the newest schema; from here on it belongs to this store. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#sql = prepareAll(db);
    this.#search = new EntrySearch(db);
  }

  async size(): Promise<number> {
    return this.#size();
  }

  async lastCheckpoint(): Promise<CheckpointRow | null> {
    return this.#checkpoint();
  }

  async append(batch: AppendBatch): Promise<void> {
    this.#transact(() => this.#write(batch));
  }

  /** Everything up to `mark` of the journal, in one commit with the mark itself. */
  sortIn(batches: Iterable<AppendBatch>, mark: JournalMark): void {
    this.#transact(() => {
      for (const batch of batches) this.#write(batch);
      this.#sql.setMark.run(mark.order, mark.position);
    });
  }

  /** How far the journal is sorted in. */
  mark(): JournalMark {
    const row = this.#sql.mark.get();
    if (row === undefined) return { order: 0, position: 0 };
    return { order: numberOf(row, 'segment'), position: numberOf(row, 'position') };
  }

  /** Size, newest checkpoint and mark of one moment. */
  state(): TablesState {
    this.#db.exec('BEGIN');
    try {
      return { size: this.#size(), checkpoint: this.#checkpoint(), mark: this.mark() };
    } finally {
      this.#db.exec('ROLLBACK');
    }
  }

  #transact(write: () => void): void {
    this.#sql.begin.run();
    try {
      write();
      this.#sql.commit.run();
    } catch (fault) {
      // Some faults (a full disk among them) have ended the transaction already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw fault;
    }
  }

  entries(from: number, to: number): AsyncIterable<readonly StoredEntry[]> {
    return this.#pages((first, last, limit) => this.#sql.entries.iterate(first, last, limit), from, to);
  }

  async *find(filter: EntryFilter): AsyncGenerator<readonly StoredEntry[]> {
    let from = filter.from ?? 0;
    if (filter.sinceMs !== undefined) {
      const first = this.#search.firstSince(filter.sinceMs);
      if (first === null) return;
      from = Math.max(from, first);
    }
    if (filter.kinds?.length === 0) return;
    yield* this.#pages(this.#search.pages(filter), from, this.#size());
  }

  async newest(search: NewestSearch): Promise<readonly StoredEntry[]> {
    if (search.kinds?.length === 0) return [];
    const statement = this.#search.newest(search);
    const found: StoredEntry[] = [];
    for (;;) {
      const before = found.at(-1)?.seq ?? search.before;
      const rest = { ...search, before, limit: search.limit - found.length };
      // A page may end early where texts are long.
      const page = rest.limit > 0 ? readPage(statement.iterate(...this.#search.newestValues(rest))) : [];
      if (page.length === 0) return found;
      found.push(...page);
    }
  }

  async body(action: string, part: BodyPart): Promise<Body | null> {
    const row = this.#sql.body.get(action, part);
    if (row === undefined) return null;
    return {
      action,
      part,
      salt: bytesOf(row, 'salt'),
      text: textOf(row, 'text'),
      expiresAtMs: numberOf(row, 'expires'),
    };
  }

  async expireBodies(nowMs: number): Promise<number> {
    let removed = 0;
    for (;;) {
      const { changes } = this.#sql.expire.run(nowMs, LIMITS.expiryBatch);
      removed += Number(changes);
      if (Number(changes) < LIMITS.expiryBatch) return removed;
      await nextTurn();
    }
  }

  /**
   * Brings every commit into the database and empties the write-ahead log: what was removed stands in both until then.
   * Throws where another connection reads and does not end in time.
   */
  settle(): void {
    const row = this.#sql.settle.get();
    if (row === undefined || numberOf(row, 'busy') !== 0)
      throw new Error('somebody else who reads the log holds its write-ahead log open');
  }

  async cell(kind: string, key: string): Promise<string | null> {
    const row = this.#sql.cell.get(kind, key);
    return row === undefined ? null : textOf(row, 'value');
  }

  async cells(kind: string): Promise<readonly Cell[]> {
    const rows = this.#sql.cells.all(kind);
    const cells = rows.map((row) => ({ key: textOf(row, 'key'), value: textOf(row, 'value') }));
    // SQLite orders by UTF-8 bytes, the contract by UTF-16 code units.
    return cells.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #checkpoint(): CheckpointRow | null {
    const row = this.#sql.lastCheckpoint.get();
    if (row === undefined) return null;
    return {
      size: numberOf(row, 'size'),
      note: textOf(row, 'note'),
      frontier: bytesOf(row, 'frontier'),
      open: JSON.parse(textOf(row, 'open')) as string[],
    };
  }

  #size(): number {
    const row = this.#sql.size.get();
    return row === undefined ? 0 : numberOf(row, 'size');
  }

  #write(batch: AppendBatch): void {
    const found = this.#size();
    if (found !== batch.first) throw new StoreConflict(batch.first, found);
    const { addEntry, addBody, setCell, removeCell } = this.#sql;
    let seq = batch.first;
    for (const e of batch.entries) {
      if (e.leaf.length !== 32) throw new RangeError('a leaf hash has 32 bytes');
      addEntry.run(seq, e.text, e.leaf, e.kind, e.atMs, e.action ?? null, e.agent ?? null, e.session ?? null);
      seq++;
    }
    for (const b of batch.bodies) addBody.run(b.action, b.part, b.salt, b.text, b.expiresAtMs);
    for (const { kind, key, value } of batch.cells) {
      if (value === null) removeCell.run(kind, key);
      else setCell.run(kind, key, value);
    }
    if (batch.checkpoint !== undefined) this.#keepCheckpoint(batch.checkpoint, seq);
  }

  #keepCheckpoint(checkpoint: CheckpointRow, size: number): void {
    if (checkpoint.size > size) {
      throw new RangeError(`a checkpoint over ${checkpoint.size} entries does not fit a log of ${size}`);
    }
    const { note, frontier, open } = checkpoint;
    const { changes } = this.#sql.setCheckpoint.run(checkpoint.size, note, frontier, JSON.stringify(open));
    if (Number(changes) === 0) throw new RangeError('a checkpoint does not go back behind the last one');
  }

  /** Pages are read whole and no statement stays open between them: a slow reader holds nothing up. */
  async *#pages(query: PageQuery, from: number, to: number): AsyncGenerator<readonly StoredEntry[]> {
    let next = from;
    while (next < to) {
      const page = readPage(query(next, to, LIMITS.pageEntries));
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      next = last.seq + 1;
      await nextTurn();
    }
  }
}

function prepareAll(db: DatabaseSync) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    size: db.prepare('SELECT coalesce(max(seq) + 1, 0) AS size FROM entries'),
    lastCheckpoint: db.prepare('SELECT size, note, frontier, open FROM checkpoint'),
    entries: db.prepare(
      `SELECT ${PAGE_COLUMNS} FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
      { returnArrays: true },
    ),
    body: db.prepare('SELECT salt, text, expires FROM bodies WHERE action = ? AND part = ?'),
    expire: db.prepare(
      'DELETE FROM bodies WHERE id IN (SELECT id FROM bodies WHERE expires <= ? ORDER BY expires LIMIT ?)',
    ),
    settle: db.prepare('PRAGMA wal_checkpoint(TRUNCATE)'),
    cell: db.prepare('SELECT value FROM cells WHERE kind = ? AND key = ?'),
    cells: db.prepare('SELECT key, value FROM cells WHERE kind = ?'),
    addEntry: db.prepare(
      `INSERT INTO entries (seq, text, leaf, kind, at, action, agent, session) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    addBody: db.prepare(
      `INSERT INTO bodies (action, part, salt, text, expires) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (action, part) DO UPDATE
       SET salt = excluded.salt, text = excluded.text, expires = excluded.expires`,
    ),
    setCell: db.prepare(
      `INSERT INTO cells (kind, key, value) VALUES (?, ?, ?)
       ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value`,
    ),
    mark: db.prepare('SELECT segment, position FROM journal'),
    setMark: db.prepare(
      `INSERT INTO journal (only, segment, position) VALUES (1, ?, ?)
       ON CONFLICT (only) DO UPDATE SET segment = excluded.segment, position = excluded.position`,
    ),
    removeCell: db.prepare('DELETE FROM cells WHERE kind = ? AND key = ?'),
    setCheckpoint: db.prepare(
      `INSERT INTO checkpoint (only, size, note, frontier, open) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (only) DO UPDATE
       SET size = excluded.size, note = excluded.note, frontier = excluded.frontier, open = excluded.open
       WHERE excluded.size >= size`,
    ),
  };
}
