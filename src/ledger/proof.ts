import { hash } from 'node:crypto';
import { equalBytes } from '../base/hash.ts';
import { HASH_BYTES } from './tree.ts';

/** Proofs of RFC 6962 §2.1.1 and §2.1.2, and their verification as RFC 9162 §2.1.3.2 and §2.1.4.2 spell it out. */

/**
 * Makes proofs over a log's leaf hashes. Keeps the roots of all perfect subtrees, 64 bytes for each leaf (64 MB for a
 * million), so that a proof costs a logarithm of hashes.
 */
export class Prover {
  /** `#levels[k]`: roots of the perfect subtrees of 2^k leaves, packed. */
  readonly #levels: Buffer[];
  readonly size: number;

  /** `leaves`: the leaf hashes of the whole log, 32 bytes each, in order. */
  constructor(leaves: Uint8Array) {
    if (leaves.length % HASH_BYTES !== 0) throw new RangeError('leaf hashes have 32 bytes each');
    this.size = leaves.length / HASH_BYTES;
    this.#levels = [Buffer.from(leaves)];
    for (let width = this.size; width > 1; width = Math.floor(width / 2)) {
      this.#levels.push(joinPairs(this.#levels.at(-1) ?? Buffer.alloc(0)));
    }
  }

  /** The root of the first `size` leaves. */
  root(size: number = this.size): Buffer {
    this.#check(size, this.size);
    return size === 0 ? hash('sha256', '', 'buffer') : this.#rootOf(0, size);
  }

  /** That leaf `index` is in the tree of the first `size` leaves. */
  inclusion(index: number, size: number = this.size): Buffer[] {
    this.#check(size, this.size);
    if (index >= size) throw new RangeError(`there is no leaf ${index} among ${size}`);
    this.#check(index, size);
    return this.#path(index, 0, size);
  }

  /** That the tree of the first `from` leaves is a beginning of that of the first `to`. */
  consistency(from: number, to: number = this.size): Buffer[] {
    this.#check(to, this.size);
    this.#check(from, to);
    return from === 0 || from === to ? [] : this.#subproof(from, 0, to, true);
  }

  #check(size: number, most: number): void {
    if (!Number.isSafeInteger(size) || size < 0 || size > most)
      throw new RangeError(`${size} is not within ${most}`);
  }

  #path(index: number, start: number, end: number): Buffer[] {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...this.#path(index, start, middle), this.#rootOf(middle, end)]
      : [...this.#path(index, middle, end), this.#rootOf(start, middle)];
  }

  #subproof(from: number, start: number, end: number, whole: boolean): Buffer[] {
    if (from === end) return whole ? [] : [this.#rootOf(start, end)];
    const middle = start + splitOf(end - start);
    return from <= middle
      ? [...this.#subproof(from, start, middle, whole), this.#rootOf(middle, end)]
      : [...this.#subproof(from, middle, end, false), this.#rootOf(start, middle)];
  }

  /** MTH of leaves start to end; start is a multiple of the largest power of two within. */
  #rootOf(start: number, end: number): Buffer {
    if (isPowerOfTwo(end - start)) {
      const level = Math.log2(end - start);
      const at = (start / 2 ** level) * HASH_BYTES;
      return Buffer.from((this.#levels[level] ?? Buffer.alloc(0)).subarray(at, at + HASH_BYTES));
    }
    const middle = start + splitOf(end - start);
    return join(this.#rootOf(start, middle), this.#rootOf(middle, end));
  }
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

function join(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer');
}

function joinPairs(level: Buffer): Buffer {
  const count = Math.floor(level.length / HASH_BYTES / 2);
  const next = Buffer.alloc(count * HASH_BYTES);
  const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);
  for (let i = 0; i < count; i++) {
    level.copy(node, 1, i * 2 * HASH_BYTES, (i + 1) * 2 * HASH_BYTES);
    next.write(hash('sha256', node, 'binary'), i * HASH_BYTES, 'latin1');
  }
  return next;
}

/** A tree as a checkpoint names it. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** RFC 9162 §2.1.3.2: whether `proof` shows that `leaf` stands at `index` in the tree of `head`. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  head: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(index) || !isCount(head.size) || index >= head.size) return false;
  let fn = index;
  let sn = head.size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0 || p.length !== HASH_BYTES) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = join(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      r = join(r, p);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equalBytes(r, head.root);
}

/** RFC 9162 §2.1.4.2: whether `proof` shows that the log of `to` begins with the log of `from`. */
export function verifyConsistency(from: TreeHead, to: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (!isCount(from.size) || !isCount(to.size) || from.size > to.size) return false;
  if (proof.some((p) => p.length !== HASH_BYTES)) return false;
  if (from.size === to.size) return proof.length === 0 && equalBytes(from.root, to.root);
  // Every log begins with the empty one; its root must be that of the empty tree all the same.
  if (from.size === 0) return proof.length === 0 && equalBytes(from.root, hash('sha256', '', 'buffer'));
  const path = isPowerOfTwo(from.size) ? [from.root, ...proof] : [...proof];
  const [first, ...rest] = path;
  if (first === undefined || proof.length === 0) return false;
  let fn = from.size - 1;
  let sn = to.size - 1;
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let fr = first;
  let sr = first;
  for (const c of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = join(c, fr);
      sr = join(c, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = join(sr, c);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equalBytes(fr, from.root) && equalBytes(sr, to.root);
}

const half = (n: number) => Math.floor(n / 2);
const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0;

/** Not by log2: beyond 2^48 that rounds to integers. */
function isPowerOfTwo(n: number): boolean {
  let rest = n;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest === 1;
}
