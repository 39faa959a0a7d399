import type { IncomingMessage } from 'node:http';
import { requestFor } from '../../base/http.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Kept, WitnessLink } from './link.ts';

/**
 * A witness on the network: POST of a note keeps it, GET with `?origin=` answers what is kept of that log. Redirects are
 * not followed: another address is another witness, and for a person to configure.
 */
export class WebLink implements WitnessLink {
  readonly #url: string;
  readonly #origin: string;

  constructor(url: string, origin: string) {
    this.#url = url;
    this.#origin = origin;
  }

  async recall(signal: AbortSignal): Promise<string> {
    const url = new URL(this.#url);
    url.searchParams.set('origin', this.#origin);
    const { status, text } = await send(url, 'GET', undefined, signal);
    if (status === 200) return text;
    if (status === 204 || status === 404) return '';
    throw new Error(`it answered ${status}`);
  }

  async keep(note: string, signal: AbortSignal): Promise<Kept> {
    const { status, text } = await send(new URL(this.#url), 'POST', note, signal);
    if (status >= 200 && status < 300) return { ahead: null };
    if (status === 409) return { ahead: text };
    throw new Error(`it answered ${status}`);
  }
}

function send(
  url: URL,
  method: 'GET' | 'POST',
  body: string | undefined,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const make = requestFor(url);
    const headers = {
      accept: 'text/plain',
      ...(body === undefined ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
    };
    // No agent: at most one conversation a second, and none of them may keep a connection that a stop has to end.
    const sent = make(url, { method, headers, agent: false, signal }, (response) => {
      readBounded(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LIMITS.witnessAnswerBytes) {
      response.destroy();
      throw new Error(`it answered with more than ${LIMITS.witnessAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
