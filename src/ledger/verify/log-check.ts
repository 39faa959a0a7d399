import { hash } from 'node:crypto';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Checkpoint, openCheckpoint } from '../checkpoint.ts';
import type { NoteFault, VerifierKey } from '../note.ts';
import { Against } from './against.ts';
import { GrantUses } from './grants.ts';
import { Meaning } from './meaning.ts';
import { Proofs } from './proofs.ts';
import { Faults, type Report } from './report.ts';
import { RootHasher, splitHashes, subtreeEnds } from './root.ts';
import { Runs } from './runs.ts';
import { Sequence } from './sequence.ts';

/**
 * What both verifications share: entries come in with their leaf hashes, in the order they stand in; their order, the
 * tree over them and, if wanted, their meaning are followed, and held against the checkpoint at the end.
 */
export class LogCheck {
  readonly faults = new Faults();
  #hasher = new RootHasher();
  #sequence: Sequence;
  readonly #meaning: Meaning | null;
  readonly #runs = new Runs();
  readonly #grants = new GrantUses(this.faults);
  /** null where the log is not read from its beginning: who had enrolled what is then not known. */
  #proofs: Proofs | null;
  #against: Against | null = null;
  #checkpoint: Checkpoint | null = null;
  #key: Report['key'] = null;
  #rootAtCheckpoint: string | null = null;
  /** Where the signed tree's subtrees end, and their roots (latin1), while they still agree with what was read. */
  #subtrees: { ends: number[]; roots: string[] } | null = null;
  #firstBadSubtree: { from: number; to: number } | null = null;

  constructor(deep: boolean) {
    this.#sequence = new Sequence(0, this.faults);
    this.#meaning = deep ? new Meaning(this.faults) : null;
    this.#proofs = new Proofs(this.faults);
  }

  /** Before anything comes in: checkpoints that were kept elsewhere and signed by the log's key. */
  holdAgainst(checkpoints: readonly Checkpoint[]): void {
    this.#against = new Against(checkpoints);
    this.#against.see(0, () => this.#hasher.root());
  }

  /** How many entries have come in. */
  get size(): number {
    return this.#hasher.size;
  }

  /** Opens the checkpoint that the entries are held against; answers whether it can be believed. */
  useCheckpoint(note: string, key: VerifierKey, given: boolean): boolean {
    this.#key = { line: key.line, fingerprint: key.fingerprint, given };
    if (this.#proofs !== null) this.#proofs.instance = `sha256:${hash('sha256', key.line, 'hex')}`;
    const opened = openCheckpoint(note, key);
    if (!opened.ok) {
      this.faults.add(codeOf(opened.error), null, `the checkpoint does not hold: ${opened.error.what}`);
      return false;
    }
    this.#checkpoint = opened.value;
    if (opened.value.size === 0) this.#rootAtCheckpoint = this.#hasher.root();
    return true;
  }

  get checkpoint(): Checkpoint | null {
    return this.#checkpoint;
  }

  /** Goes on behind the checkpoint, from the subtree roots stored with it, if they give the signed root. */
  skipToCheckpoint(frontier: Uint8Array): boolean {
    if (!this.useFrontier(frontier) || this.#checkpoint === null) return false;
    const { size } = this.#checkpoint;
    this.#subtrees = null;
    this.#proofs = null;
    this.#hasher = new RootHasher(size, frontier);
    this.#sequence = new Sequence(size, this.faults);
    this.#rootAtCheckpoint = this.#hasher.root();
    return true;
  }

  /** The root of everything seen so far, latin1. */
  root(): string {
    return this.#hasher.root();
  }

  /** Takes the stored subtree roots as landmarks: they are believed only when they give the signed root. */
  useFrontier(frontier: Uint8Array): boolean {
    if (this.#checkpoint === null) return false;
    const ends = subtreeEnds(this.#checkpoint.size);
    const fits = frontier.length === ends.length * 32;
    if (
      !fits ||
      new RootHasher(this.#checkpoint.size, frontier).root() !== this.#checkpoint.root.toString('latin1')
    ) {
      this.faults.add('bad-frontier', null, 'the stored subtree roots do not give the root that was signed');
      return false;
    }
    this.#subtrees = { ends, roots: splitHashes(frontier) };
    return true;
  }

  /** Whether `see` wants the members of an entry of this text. */
  wantsMembers(text: string): boolean {
    return this.#meaning !== null || (this.#proofs !== null && Proofs.concerns(text));
  }

  /** `leaf`: the hash of the entry's text, latin1. */
  see(seq: number | null, leaf: string, members: JsonObject | null): void {
    const place = this.#hasher.size;
    if (seq === null) {
      this.faults.add('not-an-entry', place, `entry ${place} has no seq`);
      this.#sequence.pass();
    } else this.#sequence.see(seq);
    if (members !== null) this.#proofs?.see(members, place);
    if (members !== null && this.#meaning !== null) {
      this.#meaning.see(members, place);
      this.#runs.see(members, place);
      this.#grants.see(members, place);
    }
    this.#seeLeaf(leaf);
  }

  /** What is no entry has a place and a leaf all the same. */
  seeUnreadable(leaf: string): void {
    this.#sequence.pass();
    this.#seeLeaf(leaf);
  }

  #seeLeaf(leaf: string): void {
    this.#hasher.append(leaf);
    const { size } = this.#hasher;
    if (size === this.#checkpoint?.size) this.#rootAtCheckpoint = this.#hasher.root();
    this.#against?.see(size, () => this.#hasher.root());
    if (this.#subtrees !== null && this.#subtrees.ends[0] === size) this.#passSubtree(this.#subtrees, size);
  }

  #passSubtree(subtrees: { ends: number[]; roots: string[] }, end: number): void {
    subtrees.ends.shift();
    if (subtrees.roots.shift() === this.#hasher.lastSubtree()) return;
    // The width of a complete subtree that ends here is the lowest bit that is set in its end.
    let width = 1;
    while ((end / width) % 2 === 0) width *= 2;
    this.#firstBadSubtree = { from: end - width, to: end };
    this.#subtrees = null;
  }

  /** Ends the check. `tailAllowed`: entries may follow what the checkpoint covers (a log that goes on). */
  finish(tailAllowed: boolean): Report {
    this.#sequence.end();
    const { size } = this.#hasher;
    const covered = this.#checkpoint?.size ?? 0;
    if (this.#checkpoint !== null) this.#compare(this.#checkpoint, size);
    this.#checkTail(size, covered, tailAllowed ? MOST_UNSIGNED : 0);
    this.#against?.finish(size, this.faults);
    return this.report();
  }

  /** What has been found so far, of a check that need not go on. */
  report(): Report {
    const { size } = this.#hasher;
    const covered = this.#checkpoint?.size ?? 0;
    return {
      holds: this.faults.count === 0,
      entries: size,
      covered,
      tail: Math.max(0, size - covered),
      origin: this.#checkpoint?.origin ?? null,
      key: this.#key,
      faults: this.faults.kept,
      faultCount: this.faults.count,
      brokenFrom: this.faults.brokenFrom,
      ...(this.#against === null ? {} : { against: this.#against.count }),
      ...(this.#meaning === null ? {} : { open: this.#meaning.open(), coverage: this.#runs.report() }),
    };
  }

  #checkTail(size: number, covered: number, most: number): void {
    // Where a checkpoint was offered and not believed, that is the fault.
    const offered = this.#key !== null || this.faults.count > 0;
    if (size - covered <= most || (this.#checkpoint === null && offered)) return;
    const limit = most === 0 ? '' : `; at most ${most} ever wait for one`;
    this.faults.add('not-covered', covered, `${size - covered} entries are covered by no checkpoint${limit}`);
  }

  #compare(checkpoint: Checkpoint, size: number): void {
    if (size < checkpoint.size) {
      const what = `the log ends after ${size} entries, and the checkpoint covers ${checkpoint.size}`;
      this.faults.add('truncated', size, what);
    }
    const root = this.#rootAtCheckpoint;
    if (root === null || root === checkpoint.root.toString('latin1')) return;
    const range = this.#firstBadSubtree ?? { from: 0, to: checkpoint.size };
    const what = `entries ${range.from} to ${range.to - 1} do not give what was signed: one or more were changed, added or removed`;
    // What was found broken within them is why, and says more exactly where.
    this.faults.add('root-mismatch', this.faults.firstWithin(range) ?? range.from, what);
  }
}

/**
 * The writer makes the checkpoint that is due in the very commit that makes it due, so fewer entries than this ever
 * wait for one; what goes beyond was not written by it.
 */
const MOST_UNSIGNED = LIMITS.checkpointEntries + LIMITS.batchEntries;

function codeOf(fault: NoteFault): 'wrong-key' | 'bad-checkpoint' {
  return fault.kind === 'unsigned' ? 'wrong-key' : 'bad-checkpoint';
}
