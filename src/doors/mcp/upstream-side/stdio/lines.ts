import { Pieces } from '../../../../base/pieces.ts';

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines of at most `limit` bytes. Chunks are searched once and joined once, so that a line
 * that comes in many chunks costs its length and not its square.
 */
export class LineSplitter {
  readonly #limit: number;
  readonly #onLine: (line: Buffer) => void;
  readonly #held = new Pieces();

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
      if (this.#held.bytes + end - start > this.#limit) return false;
      this.#onLine(this.#take(chunk, start, end));
      start = end + 1;
    }
    if (start === chunk.length) return true;
    this.#held.add(start === 0 ? chunk : chunk.subarray(start));
    return this.#held.bytes <= this.#limit;
  }

  #take(chunk: Buffer, start: number, end: number): Buffer {
    if (this.#held.bytes === 0) return chunk.subarray(start, end);
    this.#held.add(chunk.subarray(start, end));
    const line = this.#held.join();
    this.#held.clear();
    return line;
  }
}
