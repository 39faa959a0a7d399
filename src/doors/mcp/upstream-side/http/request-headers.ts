import { encodeHeaderValue } from '../../../../intake/headers.ts';
import type { Generation } from '../../../../pipeline/ports/call.ts';
import type { Call } from '../channel.ts';
import { MODERN_VERSION } from '../frame.ts';

/** Ours, or the connection's own; a configured header of such a name is left out. */
const RESERVED =
  /^(?:mcp-.*|accept|accept-encoding|content-.*|connection|host|keep-alive|te|trailer|transfer-encoding|upgrade|expect)$/i;
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;

type Headers = Record<string, string>;

/** What the requests of one HTTP session say in their headers: what is configured, the version, and the session. */
export class RequestHeaders {
  readonly #generation: Generation;
  readonly #fixed: Readonly<Headers>;
  #version: string | null;
  #sessionId: string | null = null;

  constructor(configured: Readonly<Headers>, generation: Generation) {
    this.#generation = generation;
    this.#version = generation === '2026' ? MODERN_VERSION : null;
    this.#fixed = {
      ...Object.fromEntries(Object.entries(configured).filter(([name]) => !RESERVED.test(name))),
      accept: 'application/json, text/event-stream',
      'user-agent': 'lanyard',
    };
  }

  /** 2025: said from now on, once the handshake has agreed on it. */
  agree(version: string): void {
    if (this.#generation === '2025') this.#version = version;
  }

  /** 2025-11-25, "Session Management": what the server named the session in its answer to `initialize`. */
  nameSession(given: string | string[] | undefined): void {
    if (typeof given === 'string' && SESSION_ID.test(given)) this.#sessionId = given;
  }

  get namesSession(): boolean {
    return this.#sessionId !== null;
  }

  /** Without a body. A new object each time: it is handed to the connection. */
  plain(): Headers {
    const headers: Headers = { ...this.#fixed };
    if (this.#version !== null) headers['mcp-protocol-version'] = this.#version;
    if (this.#sessionId !== null) headers['mcp-session-id'] = this.#sessionId;
    return headers;
  }

  /** Of a GET that hears events, from the one after `lastEventId` where that is given. */
  ofStream(lastEventId?: string): Headers {
    const headers = this.plain();
    headers['accept'] = 'text/event-stream';
    if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
    return headers;
  }

  /** Of a POST; `method`: what `Mcp-Method` says (2026-07-28). */
  ofMessage(method?: string): Headers {
    const headers = this.plain();
    headers['content-type'] = 'application/json';
    if (method !== undefined && this.#generation === '2026') headers['mcp-method'] = method;
    return headers;
  }

  ofCall({ method, name, headers }: Pick<Call, 'method' | 'name' | 'headers'>): Headers {
    const own = this.ofMessage(method);
    if (this.#generation !== '2026') return own;
    if (name !== undefined) own['mcp-name'] = encodeHeaderValue(name);
    return { ...own, ...headers };
  }
}
