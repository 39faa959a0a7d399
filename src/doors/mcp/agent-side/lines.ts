import { Pieces } from '../../../base/pieces.ts';
import { END_BYTES } from '../../../intake/loose-message.ts';

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Takes what arrived and calls back for each whole line. */
type LineReader = (chunk: Buffer) => void;

/**
 * Splits bytes into lines of at most `maxBytes`, without the line break. Of a longer one only the ends are kept, and told
 * when it is over. A last line without a line break is no message.
 */
export function createLineReader(
  maxBytes: number,
  onLine: (line: Buffer) => void,
  onTooLong: (head: Buffer, tail: Buffer) => void,
): LineReader {
  const parts = new Pieces();
  let skipping = false;
  let head: Buffer = NOTHING;
  let tail: Buffer = NOTHING;

  const take = (part: Buffer): void => {
    if (skipping) {
      tail = lastOf([tail, part]);
      return;
    }
    parts.add(part);
    if (parts.bytes <= maxBytes) return;
    skipping = true;
    const all = parts.join();
    head = Buffer.from(all.subarray(0, END_BYTES));
    tail = lastOf([all]);
    parts.clear();
  };
  const finish = (): void => {
    const line = parts.join();
    const whole = !skipping;
    parts.clear();
    skipping = false;
    if (whole) onLine(line);
    else onTooLong(head, tail);
    head = NOTHING;
    tail = NOTHING;
  };
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, at));
      finish();
      from = at + 1;
    }
    if (from < chunk.length) take(chunk.subarray(from));
  };
}

/** A copy: what it came from is not kept. */
function lastOf(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts.map((part) => part.subarray(-END_BYTES))).subarray(-END_BYTES);
}
