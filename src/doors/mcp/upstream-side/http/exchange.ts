import type { Dispatcher } from 'undici';
import { Pieces } from '../../../../base/pieces.ts';
import { readMessage, type UpstreamMessage } from '../message.ts';
import { EventReader } from './events.ts';

/** How an exchange came to its end. `status` is 0 where no answer began. */
export type ExchangeEnd =
  | { readonly kind: 'complete'; readonly status: number }
  | { readonly kind: 'too-large' }
  /** `code`: the system's or undici's name for it, where there is one. */
  | { readonly kind: 'broken'; readonly code: string }
  | { readonly kind: 'unreadable'; readonly what: string };

interface ExchangeEvents {
  /** Called in the tick in which the request's first byte is written, right before it. False: nothing is written. */
  admit(): boolean;
  onHead?(status: number, headers: Record<string, string | string[] | undefined>): void;
  onMessage(message: UpstreamMessage, status: number): void;
  /** Exactly once. */
  onEnd(end: ExchangeEnd): void;
}

interface ExchangeLimits {
  readonly messageBytes: number;
  readonly streamBytes: number;
}

/** One for all: a stop ends many in one tick, and an error of each own would take much of it. */
const ABORTED = new Error('aborted');

type Headers = Record<string, string | string[] | undefined>;

/**
 * One HTTP request and its answer, JSON or a stream of events. undici calls `onRequestStart` synchronously before it
 * writes the head (lib/dispatcher/client-h1.js, writeH1: `request.onConnect(abort)`, then `socket.write`), once a
 * connection stands. It may do so a second time when a connection ended in a way that it takes for harmless; then
 * the first bytes may have arrived, so that the second start is refused: nothing is ever sent twice.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #events: ExchangeEvents;
  readonly #upstream: string;
  readonly #limits: ExchangeLimits;
  #controller: Dispatcher.DispatchController | null = null;
  #aborted = false;
  #ended = false;
  #complete = false;
  #status = 0;
  #reader: EventReader | null = null;
  readonly #pieces = new Pieces();
  #bytes = 0;

  constructor(events: ExchangeEvents, upstream: string, limits: ExchangeLimits) {
    this.#events = events;
    this.#upstream = upstream;
    this.#limits = limits;
  }

  /** The `id` of the last event, from which a stream can be taken up again; null where events have none. */
  get lastEventId(): string | null {
    return this.#reader?.lastId ?? null;
  }

  /** What the server said about how soon that may be. */
  get retryMs(): number | null {
    return this.#reader?.retryMs ?? null;
  }

  /** Nothing more will come. */
  get over(): boolean {
    return this.#ended || this.#complete;
  }

  abort(): void {
    if (this.over) return;
    this.#aborted = true;
    this.#controller?.abort(ABORTED);
    this.#end({ kind: 'broken', code: 'aborted' });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const again = this.#controller !== null;
    this.#controller = controller;
    if (again || this.#aborted || !this.#events.admit()) controller.abort(new Error('not admitted'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200 || this.#ended) return;
    this.#status = status;
    this.#events.onHead?.(status, headers);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      this.#stop({ kind: 'unreadable', what: 'its answer is compressed, which was not asked for' });
      return;
    }
    const type = String(headers['content-type'] ?? '')
      .split(';', 1)[0]
      ?.trim()
      .toLowerCase();
    if (type === 'text/event-stream') {
      this.#reader = new EventReader(this.#limits.messageBytes, (data) => this.#message(Buffer.from(data)));
    } else if (type !== 'application/json' && status < 300 && status !== 202 && status !== 204) {
      this.#stop({ kind: 'unreadable', what: 'its answer is neither JSON nor an event stream' });
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    this.#bytes += chunk.length;
    if (this.#reader !== null) {
      const read = this.#bytes > this.#limits.streamBytes ? 'too-large' : this.#reader.push(chunk);
      if (read === 'too-large') this.#stop({ kind: 'too-large' });
      if (read === 'no-text') this.#stop({ kind: 'unreadable', what: 'its answer is not UTF-8' });
      return;
    }
    if (this.#bytes > this.#limits.messageBytes) this.#stop({ kind: 'too-large' });
    else this.#pieces.add(chunk);
  }

  onResponseEnd(): void {
    if (this.#ended) return;
    this.#complete = true;
    if (this.#reader === null && this.#bytes > 0) this.#message(this.#pieces.join());
    this.#end({ kind: 'complete', status: this.#status });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
    this.#end({ kind: 'broken', code });
  }

  #message(bytes: Buffer): void {
    if (!this.#ended) this.#events.onMessage(readMessage(bytes, this.#upstream), this.#status);
  }

  #stop(end: ExchangeEnd): void {
    this.#end(end);
    this.#controller?.abort(new Error(end.kind));
  }

  #end(end: ExchangeEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#pieces.clear();
    this.#events.onEnd(end);
  }
}
