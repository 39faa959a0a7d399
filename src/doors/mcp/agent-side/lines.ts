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
  let parts: Buffer[] = [];
  let size = 0;
  let skipping = false;
  let head: Buffer = NOTHING;
  let tail: Buffer = NOTHING;

  const take = (part: Buffer): void => {
    if (skipping) {
      tail = lastOf([tail, part]);
      return;
    }
    size += part.length;
    if (size > maxBytes) {
      skipping = true;
      head = Buffer.concat([...parts, part], Math.min(size, END_BYTES));
      tail = lastOf([...parts, part]);
      parts = [];
    } else if (part.length > 0) {
      parts.push(part);
    }
  };
  const finish = (): void => {
    const [first] = parts;
    const line = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
    const whole = !skipping;
    parts = [];
    size = 0;
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
