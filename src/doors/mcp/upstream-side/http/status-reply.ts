import type { Reply } from '../../../../pipeline/ports.ts';
import { failedAnswer, lostAnswer } from '../reply.ts';

/**
 * What a status without a JSON-RPC answer says. 4xx: the server did not take the request (408: it may have). 3xx: not
 * followed, and a 303 is an answer to something done. Anything else does not tell whether it acted. For a request of our
 * own (`isOwn`) there is nothing to know but the status.
 */
export function statusReply(upstream: string, status: number, isOwn: boolean): Reply {
  if (status >= 400 && status < 500 && status !== 408)
    return (isOwn ? lostAnswer : failedAnswer)(upstream, `HTTP ${status}`);
  if (status >= 300 && status < 400)
    return lostAnswer(upstream, `it redirected (HTTP ${status}), which is not followed`);
  return lostAnswer(upstream, `HTTP ${status} without an answer`);
}
