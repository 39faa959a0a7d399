import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Problem, problem } from '../../../base/errors.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { Flight, InFlight } from '../../http/in-flight.ts';

export const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // 2026-07-28 Streamable HTTP, "Receiving Messages": asks reverse proxies not to hold events back.
  'X-Accel-Buffering': 'no',
};

interface Kept {
  readonly number: number;
  readonly text: string;
  readonly droppable: boolean;
}

/** `all`: whoever takes up must miss nothing. `answer`: notices on the way may be missing, the answer may not. */
type Promised = 'all' | 'answer';

/**
 * Events under ids of our own (a name drawn for this stream, and a count), on one connection at a time; the last
 * LIMITS.keptEvents are kept for a client that comes back. Either what a session of the older generation is told unasked
 * (GET; 2025-11-25 Transports, "Listening for Messages from the Server"), or the answer to one of its POSTs.
 */
export class EventStream implements Flight {
  readonly name = randomBytes(12).toString('base64url');
  /** Its connection is gone, and more may come. */
  onGone: () => void = () => undefined;
  /** A client has come back. */
  onBack: () => void = () => undefined;
  readonly #promised: Promised;
  #kept: Kept[] = [];
  #keptLength = 0;
  #last = 0;
  /** Up to which event a client has been written to. */
  #written = 0;
  #primed = false;
  #finished = false;
  #res: ServerResponse | null = null;
  #inFlight: InFlight | null = null;

  constructor(promised: Promised) {
    this.#promised = promised;
  }

  get isOpen(): boolean {
    return this.#res !== null;
  }

  /** Whether its client has been told an id to come back with. */
  get isResumable(): boolean {
    return this.#primed || this.#written > 0;
  }

  /** Whether what it has been told waits to be read. */
  get isClogged(): boolean {
    return this.#res !== null && this.#res.writableLength > LIMITS.streamBufferBytes;
  }

  get keptLength(): number {
    return this.#keptLength;
  }

  push(text: string, droppable = true): void {
    const event = { number: ++this.#last, text, droppable };
    this.#kept.push(event);
    this.#keptLength += text.length;
    this.#makeRoom();
    this.#write(event);
  }

  /** The last event: whoever takes up behind it, or behind one before it, is given what is left and no more. */
  finish(text: string): void {
    this.push(text, false);
    this.#finished = true;
    this.close();
  }

  /** 2025-11-25 Transports: an event without data tells the client an id before there is anything to tell. */
  prime(): void {
    this.#primed = true;
    this.#res?.write(`id: ${this.name}-0\nretry: ${LIMITS.streamRetryMs}\ndata: \n\n`);
  }

  /**
   * Begins to write to this client, after what it says it has seen; a connection that was there before is ended. Refused
   * where that event is another stream's, was never sent, or what followed it is no longer kept.
   */
  open(res: ServerResponse, inFlight: InFlight, lastEventId: string | undefined): Problem | null {
    const seen = lastEventId === undefined ? this.#written : this.#numberOf(lastEventId);
    if (seen === null) return problem('UNKNOWN_EVENT');
    this.close();
    this.#res = res;
    this.#inFlight = inFlight;
    res.once('close', () => this.#lose(res));
    res.writeHead(200, STREAM_HEADERS);
    res.flushHeaders();
    inFlight.add(this);
    this.onBack();
    for (const event of [...this.#kept]) if (event.number > seen) this.#write(event);
    if (this.#finished) this.close();
    return null;
  }

  tick(): void {
    if (this.#res?.writableLength === 0) this.#res.write(':\n\n');
  }

  /** One that answers a POST is ended by that answer. */
  abort(): void {
    if (this.#promised === 'all') this.close();
  }

  giveUp(): void {
    this.close();
  }

  /** Ends the connection, if there is one; what is kept stays. */
  close(): void {
    const res = this.#res;
    if (res === null) return;
    this.#release();
    res.end();
  }

  #release(): void {
    this.#res = null;
    this.#inFlight?.remove(this);
  }

  #lose(res: ServerResponse): void {
    if (this.#res !== res) return;
    this.#release();
    this.onGone();
  }

  /** The oldest notice goes first; what must arrive goes when there is no other. */
  #makeRoom(): void {
    while (
      this.#kept.length > LIMITS.keptEvents ||
      (this.#keptLength > LIMITS.keptEventsLength && this.#kept.length > (this.#promised === 'all' ? 0 : 1))
    ) {
      const at = this.#kept.findIndex(({ droppable }) => droppable);
      const [gone] = this.#kept.splice(Math.max(at, 0), 1);
      this.#keptLength -= gone?.text.length ?? 0;
    }
  }

  #write({ number, text }: Kept): void {
    const res = this.#res;
    if (res === null) return;
    // A client that does not read is let go: it can come back with the last event that it has seen.
    if (res.writableLength > LIMITS.streamBufferBytes) {
      this.#lose(res);
      res.destroy();
      return;
    }
    this.#written = Math.max(this.#written, number);
    res.write(`id: ${this.name}-${number}\nevent: message\ndata: ${text}\n\n`);
  }

  /** The number behind an event id of ours from which everything promised is still here; null for any other. */
  #numberOf(id: string): number | null {
    const digits = id.slice(this.name.length + 1);
    if (!id.startsWith(`${this.name}-`) || !/^\d{1,15}$/.test(digits)) return null;
    const number = Number(digits);
    const firstKept = this.#kept[0]?.number ?? this.#last + 1;
    const from = this.#promised === 'all' ? firstKept - 1 : 0;
    return number >= from && number <= this.#last ? number : null;
  }
}
