import type { ClientRequest, IncomingMessage } from 'node:http';
import { requestFor } from '../../base/http.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';

/** A topic of ntfy, or of whatever speaks as it does. */
export type ChannelPlace = { readonly url: string; readonly token?: string };

interface ChannelListeners {
  /** The text of one message, cut to LIMITS.stopMessageLength. */
  onMessage(text: string): void;
  /** Why it cannot be read, after LIMITS.stopChannelTries in a row; null once it can be again. */
  onTrouble(why: string | null): void;
}

/**
 * Reads a topic from inside outwards (docs.ntfy.sh/subscribe/api: `GET <topic>/json`, a line of JSON for each event), so
 * that a phone can stop what it cannot reach. What was sent while nobody read is read when somebody does (`since`).
 * Messages are looked at one after the other, each at the same small cost. Redirects are not followed.
 */
export class StopChannel {
  readonly #place: ChannelPlace;
  readonly #listeners: ChannelListeners;
  #since = 'all';
  #failures = 0;
  #isLost = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #sent: ClientRequest | null = null;

  constructor(place: ChannelPlace, listeners: ChannelListeners) {
    this.#place = place;
    this.#listeners = listeners;
  }

  open(): void {
    const { url, token } = this.#place;
    const make = requestFor(url);
    const headers = {
      accept: 'application/x-ndjson',
      'user-agent': 'lanyard',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    let over = false;
    const again = (why: string) => {
      if (over || this.#closed) return;
      over = true;
      sent.destroy();
      this.#failed(why);
    };
    const address = `${url.replace(/\/$/, '')}/json?since=${encodeURIComponent(this.#since)}`;
    const sent = make(address, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return again(`it answers ${response.statusCode}`);
      response.on('error', (error) => again(error.message));
      response.on('end', () => again('the stream ended'));
      this.#read(response);
    });
    sent.setTimeout(LIMITS.stopChannelIdleMs, () => again('nothing came for too long'));
    sent.on('error', (error) => again(error.message));
    sent.end();
    this.#sent = sent;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#sent?.destroy();
  }

  #read(response: IncomingMessage): void {
    let rest = '';
    let skipping = false;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!skipping) this.#line(line);
        skipping = false;
      }
      if (rest.length <= LIMITS.stopLineLength) return;
      rest = '';
      skipping = true;
    });
  }

  #line(line: string): void {
    if (line.length > LIMITS.stopLineLength) return;
    const event = readEvent(line);
    if (event === null) return;
    // Any event says that the stream is read.
    this.#failures = 0;
    if (this.#isLost) {
      this.#isLost = false;
      this.#listeners.onTrouble(null);
    }
    const { event: kind, id, message } = event;
    if (kind !== 'message') return;
    if (typeof id === 'string' && /^[\w-]{1,64}$/.test(id)) this.#since = id;
    if (typeof message === 'string') this.#listeners.onMessage(message.slice(0, LIMITS.stopMessageLength));
  }

  #failed(why: string): void {
    const { first, most } = LIMITS.stopChannelRetryMs;
    const waitMs = Math.min(most, first * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    if (this.#failures >= LIMITS.stopChannelTries && !this.#isLost) {
      this.#isLost = true;
      this.#listeners.onTrouble(why);
    }
    this.#timer = setTimeout(() => this.open(), waitMs);
  }
}

function readEvent(line: string): Readonly<Record<string, Json>> | null {
  try {
    const value = JSON.parse(line) as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
