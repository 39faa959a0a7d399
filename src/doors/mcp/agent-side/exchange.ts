import type { ServerResponse } from 'node:http';
import { LIMITS } from '../../../base/limits.ts';
import type { CallControl } from '../../../pipeline/ports.ts';
import { Cancel } from './cancel.ts';
import { type Behind, makeControl, type Wanted } from './control.ts';
import type { Flight, InFlight } from './in-flight.ts';
import type { Requests } from './requests.ts';
import type { Answered, RequestId } from './wire.ts';

export const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // 2026-07-28 Streamable HTTP, "Receiving Messages": asks reverse proxies not to hold events back.
  'X-Accel-Buffering': 'no',
};

type Headers = { readonly [name: string]: string };

/**
 * One request over HTTP and its answer: one JSON body, or an event stream as soon as there is progress to tell or the
 * answer takes long. A client that goes away cancels: 2026-07-28 says so ("MUST be treated as cancellation"), and in
 * the older generation nobody could be given the answer any more, since streams are not resumed here.
 */
export class Exchange implements Flight {
  readonly #res: ServerResponse;
  readonly #inFlight: InFlight;
  readonly #cancel = new Cancel();
  #state: 'open' | 'streaming' | 'over' = 'open';
  #ticks = 0;
  #running: Requests | null = null;
  #id: RequestId = 0;

  constructor(res: ServerResponse, inFlight: InFlight) {
    this.#res = res;
    this.#inFlight = inFlight;
    inFlight.add(this);
    res.once('close', () => this.#gone());
    // Gone between the last byte of the request and now: nobody would tell us any more.
    if (res.destroyed) this.#cancel.abort();
  }

  /** Stands among what runs in a session under the client's own id until it is over. No closure: see BriefMap. */
  runIn(running: Requests, id: RequestId): void {
    running.set(id, this);
    this.#running = running;
    this.#id = id;
  }

  control(wanted: Wanted, behind: Behind): CallControl {
    return makeControl(this.#cancel, wanted, behind, (text, droppable) => this.#tell(text, droppable));
  }

  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  tell(notification: string): void {
    void this.#tell(notification, true);
  }

  abort(): void {
    this.#cancel.abort();
  }

  /**
   * The first tick may come right after the start, so the stream begins at the second. Where nobody has read the last
   * comment none is added: the connection counts as stuck and is closed by the server.
   */
  tick(): void {
    this.#ticks++;
    if (this.#state === 'streaming') {
      if (this.#res.writableLength === 0) this.#res.write(':\n\n');
    } else if (this.#state === 'open' && this.#ticks > 1) this.#stream();
  }

  answer(answered: Answered, headers?: Headers): void {
    if (this.#state === 'over') return;
    if (this.#state === 'streaming') this.#res.end(eventText(answered.text));
    else writeJson(this.#res, answered, headers);
    this.#end();
  }

  #stream(): void {
    this.#state = 'streaming';
    this.#res.writeHead(200, STREAM_HEADERS);
    this.#res.flushHeaders();
  }

  #tell(text: string, droppable: boolean): boolean {
    if (this.#state === 'over' || this.#cancel.aborted) return false;
    if (this.#state === 'open') this.#stream();
    // A client that does not read must not make us keep what an upstream keeps sending.
    if (droppable && this.#res.writableLength > LIMITS.streamBufferBytes) return false;
    this.#res.write(eventText(text));
    return true;
  }

  #gone(): void {
    if (this.#state === 'over') return;
    this.#cancel.abort();
    this.#end();
  }

  #end(): void {
    this.#state = 'over';
    this.#inFlight.remove(this);
    this.#running?.delete(this.#id);
    this.#running = null;
  }
}

/** One whole JSON answer in one write. */
export function writeJson(res: ServerResponse, answered: Answered, headers?: Headers): void {
  res.writeHead(answered.status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(answered.text),
    ...headers,
  });
  res.end(answered.text);
}

/** JSON text holds no line break, so one `data` line carries it (HTML Living Standard, "Server-sent events"). */
function eventText(text: string): string {
  return `event: message\ndata: ${text}\n\n`;
}
