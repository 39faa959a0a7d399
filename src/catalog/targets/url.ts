import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Target } from '../../model/action.ts';

const SCHEMES = new Set(['http', 'https', 'ws', 'wss', 'ftp']);
const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  http: '80',
  https: '443',
  ws: '80',
  wss: '443',
  ftp: '21',
};
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * The one normaliser of addresses: WHATWG URL (lower-case scheme and host, IDNA, default ports, dot segments, odd
 * forms of IPv4), and beyond it: no trailing dot of the host, IPv4 inside IPv6 as IPv4, no needless percent-encoding
 * (RFC 3986 §6.2.2), no fragment. A user name or password in an address is refused, as is any other scheme: a `file:`
 * address is a Path. The error is the rest of a sentence that begins with the argument's name.
 */
export function resolveUrl(text: string): Result<Target, string> {
  if (text.length > LIMITS.targetIdLength)
    return err(`is an address of more than ${LIMITS.targetIdLength} characters`);
  if (/[\0-\x1f\x7f]|^\s|\s$/.test(text))
    return err('is an address with a control character, or white space around it');
  if (!URL.canParse(text)) return err('is no valid address; write it whole, like https://example.org/page');
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (!SCHEMES.has(scheme)) return err(`is an address of the scheme ${scheme}, which is no web address`);
  if (url.username !== '' || url.password !== '' || hasUserinfo(text))
    return err('is an address with a user name or password in it');
  const host = normalizeHost(url.hostname);
  if (host === null) return err(`is an address with the host ${url.hostname}, which is none`);

  const path = normalizeEncoding(url.pathname);
  const port = url.port === '' ? (DEFAULT_PORTS[scheme] ?? '') : url.port;
  const id = `${scheme}://${host}${url.port === '' ? '' : `:${url.port}`}${path}${normalizeEncoding(url.search)}`;
  if (id.length > LIMITS.targetIdLength)
    return err(`is an address of more than ${LIMITS.targetIdLength} characters`);
  return ok({ type: 'Url', id, ancestors: [], attributes: { id, scheme, host, port, path } });
}

/** An empty user name (`https://@host/`) leaves no trace in the parsed address, but other parsers see one. */
function hasUserinfo(text: string): boolean {
  const authority = /^[a-z][a-z0-9+.-]*:[\\/]*([^\\/?#]*)/i.exec(text)?.[1] ?? '';
  return authority.includes('@');
}

function normalizeHost(hostname: string): string | null {
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  if (host.startsWith('[')) return mappedIpv4(host) ?? host;
  return host !== '' && host.split('.').every((label) => label !== '') ? host : null;
}

/** `[::ffff:7f00:1]` reaches the same machine as 127.0.0.1, so rules see it under that name. */
function mappedIpv4(host: string): string | null {
  const match = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(host);
  if (match === null) return null;
  const [high, low] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Unreserved characters written plainly, everything else that is encoded with capital digits. */
function normalizeEncoding(part: string): string {
  return part.replace(/%([0-9a-f]{2})/gi, (encoded, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}
