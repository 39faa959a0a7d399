import { hash } from 'node:crypto';

const HASH_BYTES = 32;

/**
 * The verifier's own RFC 6962 tree: complete subtrees on a stack, merged as a binary counter carries. Hashes are latin1
 * strings, one character a byte, because digests come out of node:crypto three times as fast that way.
 */
export class RootHasher {
  #size: number;
  /** Roots of the complete subtrees, largest first. */
  readonly #stack: string[];
  readonly #node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

  /** Empty, or where a tree of `size` leaves with this frontier (32 bytes for each subtree) has come to. */
  constructor(size = 0, frontier: Uint8Array = new Uint8Array(0)) {
    this.#size = size;
    this.#stack = splitHashes(frontier);
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: string): void {
    let top = leaf;
    for (let carry = this.#size; carry % 2 === 1; carry = (carry - 1) / 2) {
      top = this.#join(this.#stack.pop() ?? '', top);
    }
    this.#stack.push(top);
    this.#size++;
  }

  /** latin1. */
  root(): string {
    if (this.#size === 0) return hash('sha256', '', 'binary');
    return this.#stack.reduceRight((right, left) => this.#join(left, right));
  }

  /** The root of the last complete subtree, latin1. */
  lastSubtree(): string {
    return this.#stack.at(-1) ?? '';
  }

  #join(left: string, right: string): string {
    this.#node.write(left, 1, 'latin1');
    this.#node.write(right, 1 + HASH_BYTES, 'latin1');
    return hash('sha256', this.#node, 'binary');
  }
}

/** SHA-256(0x00 ‖ text), latin1. */
export function hashLeaf(text: string): string {
  return hash('sha256', `\0${text}`, 'binary');
}

/** 32 bytes each, as latin1 strings. */
export function splitHashes(bytes: Uint8Array): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const hashes: string[] = [];
  for (let at = 0; at < all.length; at += HASH_BYTES) hashes.push(all.slice(at, at + HASH_BYTES));
  return hashes;
}

/** Whether 32 bytes are the hash that a latin1 string holds. */
export function isSameHash(bytes: Uint8Array, hashed: string): boolean {
  if (bytes.length !== hashed.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== hashed.charCodeAt(i)) return false;
  return true;
}

/**
 * Where the complete subtrees of a tree of `size` leaves end, in leaves: for 7 → 4, 6, 7. The nth root of a frontier
 * covers what lies between the ends before and at n.
 */
export function subtreeEnds(size: number): number[] {
  const ends: number[] = [];
  let end = 0;
  for (let width = 2 ** 52; width >= 1; width /= 2) {
    if (Math.floor(size / width) % 2 === 0) continue;
    end += width;
    ends.push(end);
  }
  return ends;
}
