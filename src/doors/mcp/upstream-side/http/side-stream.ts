import type { Backoff } from '../backoff.ts';
import type { UpstreamLimits } from '../config.ts';
import type { UpstreamMessage } from '../message.ts';
import { Exchange } from './exchange.ts';

/** What the stream is opened by, and who hears it. */
interface Side {
  readonly upstream: string;
  readonly limits: UpstreamLimits;
  readonly backoff: Backoff;
  /** Sends the GET. */
  open(exchange: Exchange): void;
  onMessage(message: UpstreamMessage): void;
}

/**
 * 2025: the stream on which a server may speak by itself. It is opened once, and again whenever it breaks, until it is closed
 * or the server will not have it.
 */
export class SideStream {
  readonly #side: Side;
  #isOpen = false;
  #isClosed = false;
  #exchange: Exchange | null = null;
  #reopen: NodeJS.Timeout | undefined;

  constructor(side: Side) {
    this.#side = side;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#open();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reopen);
    this.#exchange?.abort();
  }

  #open(): void {
    if (this.#isClosed) return;
    const { backoff, upstream, limits } = this.#side;
    const exchange = new Exchange(
      {
        admit: () => !this.#isClosed,
        onMessage: (message) => {
          backoff.reset();
          this.#side.onMessage(message);
        },
        onEnd: (end) => {
          const refused = end.kind === 'complete' && end.status >= 400;
          if (refused || end.kind === 'unreadable' || this.#isClosed) return;
          this.#reopen = setTimeout(() => this.#open(), backoff.next());
          this.#reopen.unref();
        },
      },
      upstream,
      limits,
    );
    this.#exchange = exchange;
    this.#side.open(exchange);
  }
}
