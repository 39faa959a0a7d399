/** Ids that can be sent back in a header; others are taken for none. */
const EVENT_ID = /^[\x20-\x7e]{1,256}$/;

/**
 * Server-sent events (WHATWG HTML §9.2), as far as MCP uses them: the `data` of each event of type `message`. Lines end
 * in LF, CR or CRLF, also across chunks. Bounded: one event holds at most `limit` characters.
 */
export class EventReader {
  /** The last `id` that an event carried; null before one did. */
  lastId: string | null = null;
  /** How long the server wants to be left alone before it is asked again; null where it did not say. */
  retryMs: number | null = null;
  readonly #limit: number;
  readonly #onData: (data: string) => void;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true }); // takes a byte order mark off the beginning
  #held: string[] = [];
  #heldLength = 0;
  #afterReturn = false;
  #data: string[] = [];
  #dataLength = 0;
  #type = '';

  constructor(limit: number, onData: (data: string) => void) {
    this.#limit = limit;
    this.#onData = onData;
  }

  /** Not `ok`: nothing after this can be read. */
  push(chunk: Uint8Array): 'ok' | 'too-large' | 'no-text' {
    let text: string;
    try {
      text = this.#decoder.decode(chunk, { stream: true });
    } catch {
      return 'no-text';
    }
    return this.#read(text) ? 'ok' : 'too-large';
  }

  /** False when an event exceeds the limit. */
  #read(decoded: string): boolean {
    if (decoded === '') return true;
    let text = decoded;
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1);
    this.#afterReturn = text.endsWith('\r');
    let start = 0;
    for (const match of text.matchAll(/\r\n|\n|\r/g)) {
      if (!this.#line(this.#take(text.slice(start, match.index)))) return false;
      start = match.index + match[0].length;
    }
    if (start === text.length) return true;
    this.#held.push(start === 0 ? text : text.slice(start));
    this.#heldLength += text.length - start;
    return this.#heldLength <= this.#limit;
  }

  #take(rest: string): string {
    if (this.#held.length === 0) return rest;
    const line = this.#held.join('') + rest;
    this.#held = [];
    this.#heldLength = 0;
    return line;
  }

  #line(line: string): boolean {
    if (line === '') {
      this.#dispatch();
      return true;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field !== 'data' && field !== 'event' && field !== 'id' && field !== 'retry') return true;
    const from = line.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1;
    const value = colon === -1 ? '' : line.slice(from);
    if (field === 'event') {
      this.#type = value.slice(0, 64);
      return true;
    }
    if (field === 'id') {
      if (EVENT_ID.test(value)) this.lastId = value;
      return true;
    }
    if (field === 'retry') {
      if (/^\d{1,9}$/.test(value)) this.retryMs = Number(value);
      return true;
    }
    this.#data.push(value);
    this.#dataLength += value.length + 1;
    return this.#dataLength <= this.#limit;
  }

  #dispatch(): void {
    const data = this.#data.join('\n');
    const wanted = this.#type === '' || this.#type === 'message';
    this.#data = [];
    this.#dataLength = 0;
    this.#type = '';
    if (wanted && data !== '') this.#onData(data);
  }
}
