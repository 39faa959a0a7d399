import { isUtf8 } from 'node:buffer';

/** A line without its newline, or why there is none to be had. */
export type Line =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'bad'; readonly what: string };

const NEWLINE = 0x0a;

/**
 * Decodes the bytes of a file, however they are cut, into lines. Whole chunks are decoded at once, since one call for
 * each line costs more than the rest of reading it. `isEnded` tells, at the end, whether the last line had a newline.
 */
export class LineDecoder {
  readonly #mostBytes: number;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get isEnded(): boolean {
    return this.#restBytes === 0;
  }

  /** The lines that end in this chunk. Nothing may be asked of it after a `bad` one. */
  *push(chunk: Buffer): Generator<Line> {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (this.#restBytes + chunk.length - end > this.#mostBytes) {
      yield { kind: 'bad', what: `a line is longer than ${this.#mostBytes} bytes` };
      return;
    }
    if (end > 0) {
      const whole = chunk.subarray(0, end);
      yield* decodeLines(this.#restBytes === 0 ? whole : Buffer.concat([...this.#rest, whole]));
      this.#rest = [];
      this.#restBytes = 0;
    }
    if (end < chunk.length) this.#rest.push(Buffer.from(chunk.subarray(end)));
    this.#restBytes += chunk.length - end;
  }

  /** What stands behind the last newline. */
  *flush(): Generator<Line> {
    if (this.#restBytes > 0) yield* decodeLines(Buffer.concat([...this.#rest, Buffer.of(NEWLINE)]));
  }
}

/** `bytes` end in a newline. */
function* decodeLines(bytes: Buffer): Generator<Line> {
  if (!isUtf8(bytes)) {
    yield* decodeUpToBad(bytes);
    return;
  }
  const text = bytes.toString('utf8');
  let from = 0;
  while (from < text.length) {
    const to = text.indexOf('\n', from);
    yield { kind: 'line', text: text.slice(from, to) };
    from = to + 1;
  }
}

/** Somewhere in `bytes` is what is not UTF-8: the lines before it are given all the same, so that its place is known. */
function* decodeUpToBad(bytes: Buffer): Generator<Line> {
  let from = 0;
  while (from < bytes.length) {
    const to = bytes.indexOf(NEWLINE, from);
    const line = bytes.subarray(from, to);
    if (!isUtf8(line)) break;
    yield { kind: 'line', text: line.toString('utf8') };
    from = to + 1;
  }
  yield { kind: 'bad', what: 'it is not valid UTF-8' };
}
