import type { BriefMap } from '../../../base/brief-map.ts';
import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { RequestId } from './wire.ts';

/** What is running under a request id: only whoever holds the session or connection can reach it. */
interface Running {
  abort(reason?: Error): void;
}

/** The requests running in one session or on one connection: their ids are its own, and their number is bounded. */
export type Requests = BriefMap<RequestId, Running>;

/** Whether a request can be taken on under this id now. */
export function checkRoom(requests: Requests, id: RequestId): Result<null, Problem> {
  if (requests.has(id)) return err(problem('DUPLICATE_REQUEST_ID', { id }));
  if (requests.size >= LIMITS.requestsPerSession)
    return err(problem('TOO_MANY_IN_FLIGHT', { limit: LIMITS.requestsPerSession }));
  return ok(null);
}

/** Aborts what `notifications/cancelled` names; what is not running here is nobody's. */
export function cancelRequest(requests: Requests, params: JsonObject): void {
  const id = params['requestId'];
  if (typeof id === 'string' || typeof id === 'number') requests.get(id)?.abort();
}
