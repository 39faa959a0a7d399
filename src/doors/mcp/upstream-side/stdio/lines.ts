const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines of at most `limit` bytes. Chunks are searched once and joined once, so that a line
 * that comes in many chunks costs its length and not its square.
 */
export class LineSplitter {
  readonly #limit: number;
  readonly #onLine: (line: Buffer) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(limit: number, onLine: (line: Buffer) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
  }

  /** False when a line exceeds the limit: nothing after it can be trusted to be a line. */
  push(chunk: Buffer): boolean {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      if (this.#heldBytes + end - start > this.#limit) return false;
      this.#onLine(this.#take(chunk, start, end));
      start = end + 1;
    }
    if (start === chunk.length) return true;
    this.#heldBytes += chunk.length - start;
    if (this.#heldBytes > this.#limit) return false;
    this.#held.push(start === 0 ? chunk : chunk.subarray(start));
    return true;
  }

  #take(chunk: Buffer, start: number, end: number): Buffer {
    if (this.#held.length === 0) return chunk.subarray(start, end);
    this.#held.push(chunk.subarray(start, end));
    const line = Buffer.concat(this.#held, this.#heldBytes + end - start);
    this.#held = [];
    this.#heldBytes = 0;
    return line;
  }
}
