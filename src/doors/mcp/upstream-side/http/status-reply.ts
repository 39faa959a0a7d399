import type { Reply } from '../../../../pipeline/ports/upstream.ts';
import type { Call } from '../channel.ts';
import { failedAnswer, lostAnswer } from '../reply.ts';

/**
 * The reply where a status came without a JSON-RPC answer. 4xx: the server did not take the request, except 408, after which
 * it may have. 3xx is not followed, and does not tell whether the server acted (a 303 may say that it did). Neither does any
 * other status. A request of our own (one without `admit`) executes nothing, so there the status is said as it is, and for
 * the first request of a session also what in the configuration to look at.
 */
export function statusReply(upstream: string, status: number, { method, admit }: Call): Reply {
  if (status >= 400 && status < 500 && status !== 408) {
    if (admit !== undefined) return failedAnswer(upstream, `HTTP ${status}`);
    return lostAnswer(upstream, `HTTP ${status}${GREETINGS.has(method) ? (HINTS[status] ?? '') : ''}`);
  }
  if (status >= 300 && status < 400)
    return lostAnswer(upstream, `it redirected (HTTP ${status}), which is not followed`);
  return lostAnswer(upstream, `HTTP ${status} without an answer`);
}

const GREETINGS: ReadonlySet<string> = new Set(['initialize', 'server/discover']);
const NO_ENTRY = ', so it does not take what `headers` of its configuration give it';
const NO_DOOR = ', so its `url` is not that of an MCP server';

const HINTS: Readonly<Record<number, string>> = { 401: NO_ENTRY, 403: NO_ENTRY, 404: NO_DOOR, 405: NO_DOOR };
