const NEWLINE = 0x0a;

/** Takes what arrived and calls back for each whole line. */
type LineReader = (chunk: Buffer) => void;

/**
 * Splits bytes into lines of at most `maxBytes`, without the line break. A longer one is reported once, when it
 * exceeds, and thrown away up to its end. A last line without a line break is no message.
 */
export function createLineReader(
  maxBytes: number,
  onLine: (line: Buffer) => void,
  onTooLong: () => void,
): LineReader {
  let parts: Buffer[] = [];
  let size = 0;
  let skipping = false;

  const take = (part: Buffer): void => {
    if (skipping) return;
    size += part.length;
    if (size > maxBytes) {
      skipping = true;
      parts = [];
      onTooLong();
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
