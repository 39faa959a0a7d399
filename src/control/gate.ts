import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';

/**
 * Strict for every answer: nothing but our own files runs, nothing is fetched from elsewhere, no page frames this one,
 * no other origin reads it (there are no CORS headers at all).
 */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

export function setStrictHeaders(response: ServerResponse, secure: boolean): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  if (secure) response.setHeader('strict-transport-security', 'max-age=31536000');
}

/** `byAddress`: it was named by its bare address, which is no place for pages. */
export type Gated = { readonly origin: string; readonly byAddress: boolean } | { readonly problem: Problem };

/**
 * Lets in what names one of these origins in Host, and comes from no other. Against rebinding, ports count too. Programs
 * may name the place of this machine by its loopback address: nobody can point an address elsewhere, as one can a name.
 */
export function createGate(origins: () => readonly string[]): (request: IncomingMessage) => Gated {
  return (request) => {
    if (request.rawHeaders.length > 2 * LIMITS.headerCount)
      return { problem: problem('TOO_MANY_HEADERS', { limit: LIMITS.headerCount }) };
    for (const name of ['host', 'origin', 'authorization', 'content-type'])
      if (timesOf(request.rawHeaders, name) > 1)
        return { problem: problem('HEADER_MISMATCH', { header: name, what: 'it stands twice' }) };
    const host = (request.headers.host ?? '').toLowerCase();
    if (host === '') return { problem: problem('HOST_MISSING') };
    const name = host.replace(LOOPBACK, 'localhost$2');
    const origin = origins().find((one) => new URL(one).host === name);
    if (origin === undefined) return { problem: problem('BAD_HOST', { host }) };
    const from = request.headers.origin;
    if (from !== undefined && from !== origin) return { problem: problem('BAD_ORIGIN', { origin: from }) };
    const site = request.headers['sec-fetch-site'];
    const embedded = site !== undefined && site !== 'same-origin' && site !== 'none';
    // A link followed from elsewhere (mail, chat) is a navigation: it shows the page, and the page alone can act.
    if (embedded && !(request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'))
      return { problem: problem('BAD_ORIGIN', { origin: 'another site' }) };
    return { origin, byAddress: name !== host };
  };
}

const LOOPBACK = /^(127\.0\.0\.1|\[::1\])(:\d+)$/;

function timesOf(rawHeaders: readonly string[], name: string): number {
  let times = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === name) times++;
  return times;
}

const BEARER = /^bearer +([!-~]+) *$/i;

/** The bearer token; undefined where there is none, or another scheme. */
export function bearerOf(request: IncomingMessage): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}
