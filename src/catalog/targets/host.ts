import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Target } from '../../model/action.ts';
import type { OperationEntry } from '../entry.ts';
import { resolveUrl } from './url.ts';

/** The type of what a tunnel leads to: `Host::"api.example.org:443"`. */
export const HOST_TYPE = 'Host';
/** What an agent's own model endpoints lie in: `ModelEndpoint::"own"` (`agents[].run.model`). */
const OWN_MODEL = { type: 'ModelEndpoint', id: 'own' } as const;

/** A host and a port in the one form in which rules, log and resolver see them. */
export interface HostPort {
  /** A name in small letters without a trailing dot, an IPv4 address, or an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number;
}

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^\s:@/\\?#%[\]]+):([0-9]{1,5})$/i;

/**
 * `host:port` as CONNECT names it (RFC 9110 §9.3.6). The host gets the normal form that it has in a Url: odd forms of
 * IPv4, IPv4 inside IPv6, capitals, trailing dots and names beyond ASCII are one host each. The error is the rest of a
 * sentence that begins with what was said.
 */
export function readAuthority(text: string): Result<HostPort, string> {
  const [, name = '', digits = ''] = AUTHORITY.exec(text) ?? [];
  const port = Number(digits);
  if (name === '' || port < 1 || port > 65_535) return err('is no host and port, such as example.org:443');
  const url = resolveUrl(`http://${name}/`);
  if (!url.ok) return err(`names a host that is none: ${name}`);
  return ok({ host: url.value.attributes['host'] ?? '', port });
}

export function hostTarget({ host, port }: HostPort, isOwnModel: boolean): Target {
  const id = `${host}:${port}`;
  return {
    type: HOST_TYPE,
    id,
    ancestors: isOwnModel ? [OWN_MODEL] : [],
    attributes: { id, host, port: String(port) },
  };
}

/** In golden cases `model.example:443` stands for the program's own model: they know no agent's configuration. */
export function goldenHost(args: JsonObject): Result<Target, string> {
  const name = `${String(args['host'])}:${String(args['port'])}`;
  const read = readAuthority(name);
  return read.ok ? ok(hostTarget(read.value, name === 'model.example:443')) : read;
}

/** An address as a resolver gives it, as a host: IPv6 in brackets. */
export function hostOfAddress(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/**
 * What a tunnel can do. Nobody sees what passes inside, so it is the worst that a connection can be, and it has no risk
 * of the ladder: what permits a class of operations permits no way out.
 */
export const CONNECT_CLASS: Pick<
  OperationEntry,
  'effect' | 'reversibility' | 'audience' | 'worst' | 'source' | 'sensitivity'
> = {
  effect: ['send'],
  reversibility: 'irreversible',
  audience: 'public',
  worst: 'Anything that the program can read leaves the house, and nobody sees what it was',
  source: 'untrusted',
  sensitivity: 'public',
};
