/** Smaller ones are put together. */
const SMALL_BYTES = 1024;
const BLOCK_BYTES = 64 * 1024;

/**
 * Bytes that come piece by piece, until they are wanted as one. Small pieces are put together: a Buffer takes 170 bytes
 * besides what is in it (measured), so 4 MB in chunks of one byte would take 700. What is held takes at most twice
 * its bytes and a kilobyte.
 */
export class Pieces {
  #whole: Buffer[] = [];
  #block: Buffer | null = null;
  #filled = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(piece: Buffer): void {
    // The first one is kept as it came, whatever its size: nearly always it is the only one.
    if (this.#block === null && (piece.length >= SMALL_BYTES || this.#bytes === 0)) {
      this.#whole.push(piece);
      this.#bytes += piece.length;
      return;
    }
    this.#block ??= Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, Math.max(SMALL_BYTES, this.#bytes)));
    const copied = piece.copy(this.#block, this.#filled);
    this.#filled += copied;
    this.#bytes += copied;
    if (this.#filled < this.#block.length) return;
    this.#whole.push(this.#block);
    this.#block = null;
    this.#filled = 0;
    if (copied < piece.length) this.add(piece.subarray(copied));
  }

  /** All of it as one; the pieces stay. */
  join(): Buffer {
    const [first] = this.#whole;
    if (this.#block === null && this.#whole.length === 1 && first !== undefined) return first;
    const open = this.#block === null ? [] : [this.#block.subarray(0, this.#filled)];
    return Buffer.concat([...this.#whole, ...open], this.#bytes);
  }

  clear(): void {
    this.#whole = [];
    this.#block = null;
    this.#filled = 0;
    this.#bytes = 0;
  }
}
