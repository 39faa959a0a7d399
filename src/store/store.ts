/**
 * The store contract: what Lanyard remembers, and what a keeper of it promises. Nothing here is an idea of SQLite's:
 * a keeper may be another process or machine. store/suite.ts tests every sentence on every keeper.
 *
 * Promises of a keeper:
 * S1  `append` is all or nothing: entries, bodies, cells and checkpoint of one batch become visible together or not
 *     at all, also across a crash at any instant.
 * S2  When `append` resolves, the batch survives a crash of the process and of the machine.
 * S3  When `append` rejects, the batch may nevertheless have been kept (the answer was lost). The caller asks
 *     `size()` before it goes on.
 * S4  `append` rejects with StoreConflict, and keeps nothing, when the log does not end at `first`.
 * S5  Entries are never changed or removed. Bodies go when they expire; cells are replaced.
 * S6  Reads see every batch whose `append` resolved before they were called.
 * S7  After `close` everything but `close` rejects.
 *
 * Every string handed in is well-formed Unicode without U+0000 (intake and canonical JSON see to that).
 */
export interface Store {
  /** How many entries the log holds. */
  size(): Promise<number>;
  /** The newest checkpoint, null before the first. */
  lastCheckpoint(): Promise<CheckpointRow | null>;
  append(batch: AppendBatch): Promise<void>;

  /** Entries with from ≤ seq < to, in order, in pages of the keeper's choosing. */
  entries(from: number, to: number): AsyncIterable<readonly StoredEntry[]>;
  /** Entries that match every given member, in order; `kinds` matches any of its members. */
  find(filter: EntryFilter): AsyncIterable<readonly StoredEntry[]>;
  /**
   * At most `limit` entries that match, the newest first, of those with from ≤ seq < before. Looks at no others, so
   * that the caller bounds what a search costs.
   */
  newest(search: NewestSearch): Promise<readonly StoredEntry[]>;

  body(action: string, part: BodyPart): Promise<Body | null>;
  /** Removes the bodies with expiresAtMs ≤ nowMs; resolves to how many. */
  expireBodies(nowMs: number): Promise<number>;

  cell(kind: string, key: string): Promise<string | null>;
  /** All cells of a kind, by key in code-unit order. */
  cells(kind: string): Promise<readonly Cell[]>;

  /** Waits for appends under way, then lets go of everything. Idempotent. */
  close(): Promise<void>;
}

/** The log does not end where the batch says it does: somebody else appended, or an earlier failure was none (S3). */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
  readonly expected: number;
  readonly found: number;
  constructor(expected: number, found: number) {
    super(`the log holds ${found} entries, not ${expected}`);
    this.expected = expected;
    this.found = found;
  }
}

/** What is there cannot be used: written by a newer version, or not ours. The message says which and where. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
}

export interface AppendBatch {
  /** The `seq` of the first entry of the batch: where the log ends now. */
  readonly first: number;
  /** In order, without gaps. May be empty when only a checkpoint is kept. */
  readonly entries: readonly NewEntry[];
  /** A body for an action and part that has one already replaces it. */
  readonly bodies: readonly Body[];
  readonly cells: readonly CellChange[];
  /** Never goes back behind the last one nor beyond the log as it is after this batch: append rejects with RangeError. */
  readonly checkpoint?: CheckpointRow;
}

export interface NewEntry {
  /** RFC 8785 text of the entry without `leaf`. */
  readonly text: string;
  /** RFC 6962 leaf hash of `text`, 32 bytes: append rejects any other length with RangeError. */
  readonly leaf: Uint8Array;
  /** What entries are found by. */
  readonly kind: string;
  readonly atMs: number;
  readonly action?: string;
  readonly agent?: string;
  readonly session?: string;
}

export interface StoredEntry {
  readonly seq: number;
  readonly text: string;
  readonly leaf: Uint8Array;
}

export interface EntryFilter {
  readonly kinds?: readonly string[];
  readonly action?: string;
  readonly agent?: string;
  readonly session?: string;
  readonly sinceMs?: number;
  /** Only entries with seq ≥ from. */
  readonly from?: number;
}

/** A look back over a bounded stretch of the log. */
export interface NewestSearch extends EntryFilter {
  readonly from: number;
  readonly before: number;
  readonly limit: number;
  /** Texts that an entry's text holds, each of them, letter by letter. */
  readonly holding?: readonly string[];
}

export type BodyPart = 'arguments' | 'result';

/** Arguments or result of an action, beside the log, with the salt of its digest: destroyed together. */
export interface Body {
  readonly action: string;
  readonly part: BodyPart;
  readonly salt: Uint8Array;
  readonly text: string;
  readonly expiresAtMs: number;
}

/** Small named state that changes together with the entry that records the change: tokens, pins, levels, sets in force. */
export interface Cell {
  readonly key: string;
  readonly value: string;
}

export interface CellChange {
  readonly kind: string;
  readonly key: string;
  /** null removes the cell. */
  readonly value: string | null;
}

export interface CheckpointRow {
  /** How many entries it covers. */
  readonly size: number;
  /** The signed note (C2SP tlog-checkpoint). */
  readonly note: string;
  /** Roots of the perfect subtrees of the tree at `size`, largest first, 32 bytes each. */
  readonly frontier: Uint8Array;
  /** Ids of the actions that were allowed before `size` and had no outcome at `size`: recovery starts from them. */
  readonly open: readonly string[];
}
