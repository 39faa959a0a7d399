import { type Clock, toInstant } from '../base/clock.ts';
import { messageOf } from '../base/error-text.ts';
import { LIMITS } from '../base/limits.ts';
import { type Entry, entryIn } from '../contract/log-entry.ts';
import { leafHash } from '../ledger/entry.ts';
import type { Tree } from '../ledger/tree.ts';
import type { CheckpointRow, NewEntry, Store } from '../store/store.ts';
import { bytesOf, type Draft, type Recorded, rowOf } from './recording/draft.ts';
import { Owed } from './recording/owed.ts';

/** The record could not be made durable now. Nothing that depends on it may happen. */
export class RecordFailure extends Error {
  override readonly name = 'RecordFailure';

  /** People read it behind "could not be recorded:", where the names of classes say nothing. */
  override toString(): string {
    return this.message;
  }
}

const TOO_MANY_WAIT = () => new RecordFailure('too many entries wait to be recorded');

interface RecorderStart {
  /** The verified tree of all that the store holds, and the actions without an outcome there. */
  readonly tree: Tree;
  readonly open: Iterable<string>;
  /** How many entries the newest checkpoint covers. */
  readonly checkpointSize: number;
}

interface RecorderParts {
  readonly store: Store;
  readonly clock: Clock;
  /** The signed note for a checkpoint. */
  readonly sign: (size: number, root: Uint8Array) => string;
  /** Told, before the next commit, of entries whose commit had reported a failure and which the store kept all the same. */
  readonly onFoundKept: (entries: readonly Entry[]) => void;
}

interface Waiting {
  readonly draft: Draft;
  /** Stands in one commit with the one before it. */
  readonly isJoined: boolean;
  resolve(recorded: Recorded): void;
  reject(failure: RecordFailure): void;
}

/**
 * The one writer of the log: group commit. Whoever asks while a commit is under way waits for the next one, which
 * takes all that wait; so one fsync serves many actions, and a caller alone never waits for a timer.
 */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #owed = new Owed();
  readonly #open: Set<string>;
  #tree: Tree;
  #checkpointSize: number;
  #queue: Waiting[] = [];
  #checkpointsWanted: { resolve(): void; reject(failure: RecordFailure): void }[] = [];
  #scheduled = false;
  #lastBatch = 0;
  #pumping: Promise<void> | null = null;
  /** A commit failed: what the store holds is not known until it has been asked (S3 of the store contract). */
  #uncertain = false;
  #failing: string | null = null;
  /** What that commit was to write. */
  #inDoubt: { drafts: readonly Draft[]; rows: readonly NewEntry[] } = { drafts: [], rows: [] };
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: RecorderParts, start: RecorderStart) {
    this.#parts = parts;
    this.#tree = start.tree;
    this.#open = new Set(start.open);
    this.#checkpointSize = start.checkpointSize;
  }

  get size(): number {
    return this.#tree.size;
  }

  /** Allowed actions without an outcome. */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  /** Whether everything that happened has been recorded. */
  get owesNothing(): boolean {
    return this.#owed.isEmpty;
  }

  /** Why the last commit was not kept, in the store's words; null once one is kept again. Nothing may run meanwhile. */
  get failing(): string | null {
    return this.#failing;
  }

  /** Resolves once the entry is durable. Rejects with RecordFailure: then whatever depends on it may not happen. */
  record(draft: Draft): Promise<Recorded> {
    if (this.#isFull()) return Promise.reject(TOO_MANY_WAIT());
    return this.#add(draft, false);
  }

  /** Several entries that are durable together or not at all, one behind the other. Rejects as `record` does. */
  recordTogether(drafts: readonly Draft[]): Promise<{ readonly bytes: number }> {
    if (this.#isFull()) return Promise.reject(TOO_MANY_WAIT());
    const [first] = drafts;
    if (first !== undefined && drafts.length === 1) return this.#add(first, false);
    const added = drafts.map((draft, i) => this.#add(draft, i > 0));
    return Promise.all(added).then((recorded) => ({
      bytes: recorded.reduce((sum, { bytes }) => sum + bytes, 0),
    }));
  }

  #isFull(): boolean {
    return this.#queue.length >= LIMITS.queuedEntries;
  }

  #add(draft: Draft, isJoined: boolean): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ draft, isJoined, resolve, reject });
      this.#schedule();
    });
  }

  /** A denial that could not be recorded is still a denial: counted, and told when the store returns. */
  oweDenial(action: string, code: string): void {
    this.#owed.addDenial(action, code, toInstant(this.#parts.clock.now()));
  }

  /** What happened and could not be recorded is kept, and written first when the store returns. */
  owe(draft: Draft): void {
    this.#owed.addDraft(draft);
  }

  /** Makes a checkpoint of all that has been asked for so far, and pays what is owed. */
  checkpoint(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#checkpointsWanted.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Whether a record could be made now, as far as can be told without making one. */
  async probe(): Promise<boolean> {
    if (this.#queue.length >= LIMITS.queuedEntries) return false;
    if (!this.#uncertain && this.#failing === null) return true;
    return this.checkpoint().then(
      () => true,
      () => false,
    );
  }

  /** Ends what waits and makes the last checkpoint, where the store still answers. */
  async close(): Promise<void> {
    await this.checkpoint().catch(() => undefined);
    await this.#pumping;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#scheduled || this.#pumping !== null) return;
    this.#scheduled = true;
    this.#gather(0, 0);
  }

  /**
   * Begins a commit after this turn's I/O, so that all that arrived together shares it, and waits a turn more as long
   * as each brings others: with 16 callers that makes one commit of two. A caller alone waits for nobody.
   */
  #gather(before: number, turns: number): void {
    setImmediate(() => {
      const waiting = this.#queue.length;
      if (waiting > before && waiting < this.#company() && turns < LIMITS.gatherTurns) {
        this.#gather(waiting, turns + 1);
        return;
      }
      this.#scheduled = false;
      this.#pumping = this.#pump().finally(() => {
        this.#pumping = null;
        if (this.#queue.length + this.#checkpointsWanted.length > 0) this.#schedule();
      });
    });
  }

  /** How many might come to share a commit: actions that are running, or as many as shared the last one. */
  #company(): number {
    return Math.max(this.#open.size, this.#lastBatch);
  }

  async #pump(): Promise<void> {
    while (this.#queue.length + this.#checkpointsWanted.length > 0) {
      const batch = this.#queue.splice(0, this.#wholeBatch());
      this.#lastBatch = batch.length;
      const wanted = this.#queue.length === 0 ? this.#checkpointsWanted.splice(0) : [];
      try {
        const recorded = await this.#commit(batch, wanted.length > 0);
        for (const [i, one] of recorded.entries()) batch[i]?.resolve(one);
        for (const one of wanted) one.resolve();
      } catch (error) {
        const failure = error instanceof RecordFailure ? error : new RecordFailure(messageOf(error));
        for (const waiting of batch) waiting.reject(failure);
        for (const one of wanted) one.reject(failure);
      }
    }
  }

  /** As many as one commit takes; what belongs together is not taken apart. */
  #wholeBatch(): number {
    let count: number = LIMITS.batchEntries;
    while (this.#queue[count]?.isJoined === true) count++;
    return count;
  }

  /** One durable batch: what is owed first, then what waits, then a checkpoint where one is due. */
  async #commit(batch: readonly Waiting[], wantCheckpoint: boolean): Promise<Recorded[]> {
    if (this.#uncertain) await this.#resync();
    const owed = this.#owed.drafts();
    const drafts =
      owed.length === 0 ? batch.map((one) => one.draft) : [...owed, ...batch.map((one) => one.draft)];
    const first = this.#tree.size;
    const tree = this.#tree.clone();
    const nowMs = this.#parts.clock.now();
    const at = toInstant(nowMs);
    const rows: NewEntry[] = [];
    const recorded = drafts.map((draft, i): Recorded => {
      const entry: Entry = { ...draft.fields, seq: first + i, at };
      const row = rowOf(entry, nowMs);
      tree.append(row.leaf);
      rows.push(row);
      return { entry, bytes: bytesOf(row, draft.bodies) };
    });
    const behind = tree.size - this.#checkpointSize;
    // The very first commit is signed: a log without any checkpoint was robbed of it.
    const isFirst = this.#checkpointSize === 0 && behind > 0;
    const due = isFirst || behind >= LIMITS.checkpointEntries || (wantCheckpoint && behind > 0);
    const checkpoint = due ? this.#checkpointOf(tree, drafts) : undefined;
    if (rows.length === 0 && checkpoint === undefined) {
      this.#failing = null;
      return [];
    }
    try {
      await this.#parts.store.append({
        first,
        entries: rows,
        bodies: drafts.flatMap((draft) => draft.bodies ?? []),
        cells: drafts.flatMap((draft) => draft.cells ?? []),
        ...(checkpoint === undefined ? {} : { checkpoint }),
      });
    } catch (error) {
      this.#uncertain = true;
      this.#inDoubt = { drafts, rows };
      this.#failing = messageOf(error);
      throw new RecordFailure(this.#failing);
    }
    this.#tree = tree;
    this.#failing = null;
    follow(this.#open, drafts);
    this.#owed.settle(owed);
    if (checkpoint !== undefined) this.#checkpointSize = checkpoint.size;
    this.#armTimer();
    return recorded.slice(owed.length);
  }

  #checkpointOf(tree: Tree, drafts: readonly Draft[]): CheckpointRow {
    const open = new Set(this.#open);
    follow(open, drafts);
    return {
      size: tree.size,
      note: this.#parts.sign(tree.size, tree.root()),
      frontier: tree.frontier(),
      open: [...open],
    };
  }

  /** A checkpoint follows at the latest LIMITS.checkpointMs behind the first entry that none covers. */
  #armTimer(): void {
    if (this.#timer !== undefined || this.#checkpointSize === this.#tree.size) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A failure shows at the next record, which cannot be missed; the entries themselves are durable already.
      this.checkpoint().catch(() => undefined);
    }, LIMITS.checkpointMs);
    this.#timer.unref();
  }

  /**
   * After a failed commit: asks the store what it holds, and takes what it kept for recorded. Only what that commit was
   * to write may stand there: whatever else it is, nobody here wrote it, and no checkpoint of ours may speak for it.
   */
  async #resync(): Promise<void> {
    const found: Entry[] = [];
    const tree = this.#tree.clone();
    const size = await this.#parts.store.size();
    if (size < tree.size) throw new RecordFailure(`the log holds ${size} entries where it held ${tree.size}`);
    for await (const page of this.#parts.store.entries(tree.size, size)) {
      for (const row of page) {
        if (!leafHash(row.text).equals(row.leaf)) throw new RecordFailure(`entry ${row.seq} does not hold`);
        if (this.#inDoubt.rows[found.length]?.text !== row.text)
          throw new RecordFailure(`entry ${row.seq} was not written by this instance`);
        tree.append(row.leaf);
        found.push(entryIn(row.text));
      }
    }
    if (tree.size !== size) throw new RecordFailure('the log could not be read back');
    this.#tree = tree;
    this.#uncertain = false;
    if (found.length > 0) this.#owed.settle(this.#inDoubt.drafts);
    this.#inDoubt = { drafts: [], rows: [] };
    this.#owed.forget(found);
    for (const entry of found) {
      if (entry.kind === 'action.decided' && entry.decision === 'allow') this.#open.add(entry.action ?? '');
      if (entry.kind === 'action.outcome') this.#open.delete(entry.action ?? '');
    }
    if (found.length > 0) this.#parts.onFoundKept(found);
  }
}

function follow(open: Set<string>, drafts: readonly Draft[]): void {
  for (const draft of drafts) {
    if (draft.opens !== undefined) open.add(draft.opens);
    if (draft.closes !== undefined) open.delete(draft.closes);
  }
}
