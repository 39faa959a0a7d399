import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Problem, problem } from '../../../base/errors.ts';
import { LIMITS } from '../../../base/limits.ts';
import { STREAM_HEADERS } from './exchange.ts';
import type { Flight, InFlight } from './in-flight.ts';

interface Kept {
  readonly number: number;
  readonly text: string;
}

/**
 * The events of one session of the older generation, and the one stream on which its client hears them (GET, 2025-11-25
 * Transports, "Listening for Messages from the Server"). Ids are ours and this session's alone: a name drawn for it, and
 * a count. The last LIMITS.keptEvents are kept for a client whose connection broke.
 */
export class EventStream implements Flight {
  readonly #name = randomBytes(12).toString('base64url');
  #kept: Kept[] = [];
  #keptLength = 0;
  #last = 0;
  /** Up to which event a client has been written to. */
  #written = 0;
  #res: ServerResponse | null = null;
  #inFlight: InFlight | null = null;

  get isOpen(): boolean {
    return this.#res !== null;
  }

  push(text: string): void {
    const event = { number: ++this.#last, text };
    this.#kept.push(event);
    this.#keptLength += text.length;
    while (this.#kept.length > LIMITS.keptEvents || this.#keptLength > LIMITS.keptEventsLength)
      this.#keptLength -= this.#kept.shift()?.text.length ?? 0;
    this.#write(event);
  }

  /**
   * Begins to write to this client, after what it says it has seen; a connection that was there before is ended. Refused
   * where that event is another session's, was never sent, or what followed it is no longer kept.
   */
  open(res: ServerResponse, inFlight: InFlight, lastEventId: string | undefined): Problem | null {
    const seen = lastEventId === undefined ? this.#written : this.#numberOf(lastEventId);
    if (seen === null) return problem('UNKNOWN_EVENT');
    this.close();
    this.#res = res;
    this.#inFlight = inFlight;
    res.once('close', () => this.#gone(res));
    res.writeHead(200, STREAM_HEADERS);
    res.flushHeaders();
    inFlight.add(this);
    for (const event of [...this.#kept]) if (event.number > seen) this.#write(event);
    return null;
  }

  tick(): void {
    if (this.#res?.writableLength === 0) this.#res.write(':\n\n');
  }

  abort(): void {
    this.close();
  }

  /** Ends the connection, if there is one; what is kept stays. */
  close(): void {
    const res = this.#res;
    if (res === null) return;
    this.#gone(res);
    res.end();
  }

  #gone(res: ServerResponse): void {
    if (this.#res !== res) return;
    this.#res = null;
    this.#inFlight?.remove(this);
  }

  #write({ number, text }: Kept): void {
    const res = this.#res;
    if (res === null) return;
    // A client that does not read is let go: it can come back with the last event that it has seen.
    if (res.writableLength > LIMITS.streamBufferBytes) {
      this.#gone(res);
      res.destroy();
      return;
    }
    this.#written = Math.max(this.#written, number);
    res.write(`id: ${this.#name}-${number}\nevent: message\ndata: ${text}\n\n`);
  }

  /** The number behind an event id of ours from which everything that followed is still here; null for any other. */
  #numberOf(id: string): number | null {
    if (!id.startsWith(`${this.#name}-`)) return null;
    const number = Number(id.slice(this.#name.length + 1));
    const firstKept = this.#kept[0]?.number ?? this.#last + 1;
    return Number.isSafeInteger(number) && number >= firstKept - 1 && number <= this.#last ? number : null;
  }
}
