import { hash } from 'node:crypto';

/**
 * The append-only Merkle tree of RFC 6962 §2.1 over SHA-256, as much of it as appending needs: its size and the roots
 * of its perfect subtrees (the frontier), one for each 1 bit of the size.
 */
export interface Tree {
  /** How many leaves it holds. */
  readonly size: number;
  /** Adds a leaf hash (32 bytes). */
  append(leaf: Uint8Array): void;
  /** The root at this size, 32 bytes; of the empty tree SHA-256 of nothing. */
  root(): Buffer;
  /** Roots of the perfect subtrees, largest first, 32 bytes each: what `createTree` goes on from. */
  frontier(): Buffer;
  /** An independent copy, some hundred bytes: append to it, and keep it only when the commit succeeded. */
  clone(): Tree;
}

/** Throws RangeError when `frontier` cannot be that of a tree of `size` leaves. */
export function createTree(size = 0, frontier: Uint8Array = new Uint8Array(0)): Tree {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} is no tree size`);
  const ones = countOnes(size);
  if (frontier.length !== ones * HASH_BYTES) {
    throw new RangeError(
      `a tree of ${size} leaves has ${ones} perfect subtrees, not ${frontier.length / 32}`,
    );
  }
  const levels = Buffer.alloc(MOST_LEVELS * HASH_BYTES);
  let from = 0;
  for (let level = MOST_LEVELS - 1; level >= 0; level--) {
    if (!hasBit(size, level)) continue;
    levels.set(frontier.subarray(from, from + HASH_BYTES), level * HASH_BYTES);
    from += HASH_BYTES;
  }
  return new FrontierTree(size, levels);
}

export const HASH_BYTES = 32;
/** Sizes stay below 2^53. */
const MOST_LEVELS = 53;
const EMPTY_ROOT = hash('sha256', '', 'buffer');
/** 0x01 ‖ left ‖ right, filled in place by one tree at a time: RFC 6962's inner node. */
const NODE = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** `levels` holds, at `level * 32`, the root of the perfect subtree of 2^level leaves where `size` has that bit. */
class FrontierTree implements Tree {
  #size: number;
  readonly #levels: Buffer;

  constructor(size: number, levels: Buffer) {
    this.#size = size;
    this.#levels = levels;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    if (leaf.length !== HASH_BYTES) throw new RangeError('a leaf hash has 32 bytes');
    const node = NODE;
    let level = 0;
    let rest = this.#size;
    node.set(leaf, 1 + HASH_BYTES);
    while (rest % 2 === 1) {
      this.#levels.copy(node, 1, level * HASH_BYTES, (level + 1) * HASH_BYTES);
      node.write(hash('sha256', node, 'binary'), 1 + HASH_BYTES, 'latin1');
      rest = (rest - 1) / 2;
      level++;
    }
    node.copy(this.#levels, level * HASH_BYTES, 1 + HASH_BYTES);
    this.#size++;
  }

  root(): Buffer {
    if (this.#size === 0) return Buffer.from(EMPTY_ROOT);
    const node = NODE;
    let seen = false;
    for (let level = 0; level < MOST_LEVELS; level++) {
      if (!hasBit(this.#size, level)) continue;
      this.#levels.copy(node, seen ? 1 : 1 + HASH_BYTES, level * HASH_BYTES, (level + 1) * HASH_BYTES);
      if (seen) node.write(hash('sha256', node, 'binary'), 1 + HASH_BYTES, 'latin1');
      seen = true;
    }
    return Buffer.from(node.subarray(1 + HASH_BYTES));
  }

  frontier(): Buffer {
    const parts: Buffer[] = [];
    for (let level = MOST_LEVELS - 1; level >= 0; level--) {
      if (!hasBit(this.#size, level)) continue;
      parts.push(this.#levels.subarray(level * HASH_BYTES, (level + 1) * HASH_BYTES));
    }
    return Buffer.concat(parts);
  }

  clone(): Tree {
    return new FrontierTree(this.#size, Buffer.from(this.#levels));
  }
}

/** Bit operators of the language stop at 32 bits. */
function hasBit(size: number, level: number): boolean {
  return Math.floor(size / 2 ** level) % 2 === 1;
}

function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
