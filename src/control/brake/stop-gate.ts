import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Why a request is not answered here at all; null when it is. Names are ours or addresses: a name that was rebound to
 * this address is neither. A page of another origin sends nothing here; the key would be needed besides.
 */
export function whyShut(request: IncomingMessage, names: readonly string[]): string | null {
  const host = (request.headers.host ?? '').toLowerCase();
  const name = hostName(host);
  if (name === null || (!isOurs(name) && !names.includes(name))) return 'This is not the name of this brake.';
  const { origin } = request.headers;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host))
    return 'A page of another origin may not speak to this brake.';
  const site = request.headers['sec-fetch-site'];
  const elsewhere = site !== undefined && site !== 'same-origin' && site !== 'none';
  // A link that somebody followed shows the page; the page alone can act.
  if (elsewhere && !(request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'))
    return 'A page of another site may not speak to this brake.';
  return null;
}

/** A host and a port and nothing more: a URL would find its host in `a@localhost` and in `localhost#.a` too. */
const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?$/;

function hostName(host: string): string | null {
  return AUTHORITY.test(host) && URL.canParse(`http://${host}`)
    ? new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1')
    : null;
}

const isOurs = (name: string): boolean => name === 'localhost' || isIP(name) !== 0;
