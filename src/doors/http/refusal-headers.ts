import type { IncomingMessage } from 'node:http';
import { ERRORS, type Problem } from '../../base/errors.ts';

/** Headers that go with a refusal, by its status. `allow`: the methods that the address answers. */
export function refusalHeaders(
  found: Problem,
  req: IncomingMessage,
  allow = 'POST, DELETE',
): { readonly [name: string]: string } | undefined {
  const { http } = ERRORS[found.code];
  if (http === 401) {
    const invalid = found.code === 'TOKEN_REFUSED' ? ', error="invalid_token"' : '';
    return { 'WWW-Authenticate': `Bearer realm="lanyard"${invalid}` };
  }
  if (http === 405) return { Allow: allow };
  if (http === 429) return { 'Retry-After': '60' };
  if (found.code === 'SHUTTING_DOWN') return { Connection: 'close' };
  return req.httpVersion === '1.0' ? { Connection: 'close' } : undefined;
}
