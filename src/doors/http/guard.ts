import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::[0-9]{1,5})?$/i;
const ORIGIN = /^https?:\/\//i;

/** Says why a request may not come in, from its headers alone; null when it may. */
export type Guard = (req: IncomingMessage) => Problem | null;

/**
 * Against DNS rebinding: Host and Origin must name this gateway, that is a loopback name or one of `hosts` (names
 * without a port). 2026-07-28 Streamable HTTP, "Security": an invalid Origin MUST get 403. Also against splitting: a
 * header that somebody decides by stands once.
 */
export function createGuard(hosts: readonly string[]): Guard {
  const allowed = new Set([...LOOPBACK, ...hosts.map((host) => host.toLowerCase())]);
  let lastHost: string | null = null;

  const isOurs = (authority: string): boolean => {
    const name = HOST.exec(authority)?.[1];
    return name !== undefined && allowed.has(name.toLowerCase());
  };
  return (req) => {
    if (req.rawHeaders.length > 2 * LIMITS.headerCount)
      return problem('TOO_MANY_HEADERS', { limit: LIMITS.headerCount });
    const twice = findRepeated(req.rawHeaders);
    if (twice !== null) return problem('HEADER_MISMATCH', { header: twice, what: 'it stands twice' });
    const host = req.headers.host ?? '';
    if (host === '') return problem('HOST_MISSING');
    if (host !== lastHost) {
      if (!isOurs(host)) return problem('BAD_HOST', { host });
      lastHost = host;
    }
    const origin = req.headers.origin;
    if (origin === undefined)
      return fromElsewhere(req) ? problem('BAD_ORIGIN', { origin: 'another site' }) : null;
    if (!ORIGIN.test(origin) || !isOurs(origin.replace(ORIGIN, ''))) return problem('BAD_ORIGIN', { origin });
    return null;
  };
}

/**
 * Browsers leave Origin out where a page merely embeds an address (an image, say), but say in Sec-Fetch-Site that the
 * page is elsewhere. Refused here, it cannot use up the failures that its machine is allowed at the next step.
 */
function fromElsewhere(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Headers that a party in front of us could read differently if they stood twice: node keeps or joins them silently. */
const SINGLE = [
  'host',
  'origin',
  'mcp-name',
  'mcp-method',
  'content-type',
  'authorization',
  'mcp-session-id',
  'last-event-id',
  'mcp-protocol-version',
];

function findRepeated(rawHeaders: readonly string[]): string | null {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const bit = bitOf(rawHeaders[i] ?? '');
    if (bit === -1) continue;
    if ((seen & (1 << bit)) !== 0) return SINGLE[bit] ?? '';
    seen |= 1 << bit;
  }
  return null;
}

/** Which of SINGLE this is. Each has another length but two pairs, so most headers cost one look at a number. */
function bitOf(header: string): number {
  for (let bit = 0; bit < SINGLE.length; bit++) {
    const name = SINGLE[bit] ?? '';
    if (name.length === header.length && name === header.toLowerCase()) return bit;
  }
  return -1;
}

const BEARER = /^bearer +([!-~]+) *$/i;

/** The bearer token; undefined where there is none, or another scheme. */
export function bearerOf(req: IncomingMessage): string | undefined {
  return BEARER.exec(req.headers.authorization ?? '')?.[1];
}

/** In the extended form of RFC 8187 (`charset*`) as well. */
const OTHER_CHARSET = /^charset(?![\w-])(?!\s*=\s*"?utf-?8"?\s*$)/i;

/**
 * Whether the body is JSON in UTF-8 as it stands (RFC 8259 §8.1): one that says it is compressed or in another charset
 * would be read otherwise by whoever believes that. Names have no case; further parameters are let through.
 */
export function isJsonMedia(req: IncomingMessage): boolean {
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return false;
  const type = req.headers['content-type'];
  if (type === 'application/json') return true;
  const [name, ...parameters] = (type ?? '').split(';').map((part) => part.trim());
  return name?.toLowerCase() === 'application/json' && !parameters.some((one) => OTHER_CHARSET.test(one));
}

/** The connection, where one client alone speaks on it: behind a proxy of ours many share one. */
export function connectionOf(req: IncomingMessage, behindProxy: boolean): object | undefined {
  return behindProxy ? undefined : req.socket;
}

/** Behind a proxy of ours the last address is the one that this proxy saw; those before it are anybody's claim. */
export function peerOf(req: IncomingMessage, behindProxy: boolean): string {
  const forwarded = behindProxy ? req.headers['x-forwarded-for'] : undefined;
  const last = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return last === undefined || last === '' ? (req.socket.remoteAddress ?? '') : last;
}
