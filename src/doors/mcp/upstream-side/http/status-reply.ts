import type { Reply } from '../../../../pipeline/ports/upstream.ts';
import type { Call } from '../channel.ts';
import { failedAnswer, lostAnswer } from '../reply.ts';

/**
 * What a status without a JSON-RPC answer says. 4xx: the server did not take the request (408: it may have). 3xx: not
 * followed, and a 303 is an answer to something done. Anything else does not tell whether it acted. For a request of our
 * own (nobody admits it) there is nothing to know but the status, and of the first one what to look at.
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
