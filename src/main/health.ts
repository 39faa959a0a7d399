import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, type Problem, problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { createGuard } from '../doors/mcp/agent-side/index.ts';
import type { House } from './house.ts';

/**
 * `/healthz`: 200 `{status: "ok"}` only if a decision could be made and recorded now; 503 `{status: "unavailable", code,
 * sentence}` otherwise. It takes no token, so it says nothing of what is wrong, and whether an unsure log can be written
 * again is tried once in LIMITS.healthMs, however often it is asked.
 */
export function createHealth(
  house: House,
  hosts: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const guard = createGuard(hosts);
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let isRecordable: Promise<boolean> = Promise.resolve(false);
  const look = (): Promise<boolean> => {
    const now = house.clock.now();
    // A clock that was set back is no reason to look no more.
    if (now - lookedAtMs < LIMITS.healthMs && now >= lookedAtMs) return isRecordable;
    lookedAtMs = now;
    isRecordable = house.recorder.probe();
    return isRecordable;
  };
  const shutOf = (request: IncomingMessage): Problem | null => {
    const { method = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return problem('METHOD_NOT_ALLOWED', { method });
    // Probes go by whatever address they have; pages elsewhere are not to look.
    return request.headers.origin === undefined ? null : guard(request);
  };
  return async (request, response) => {
    request.resume();
    const shut = shutOf(request);
    if (shut !== null) {
      house.corridor.refused(null, shut);
      send(response, ERRORS[shut.code].http, shut);
    } else if (house.halt.fault !== null) send(response, 503, unavailable(problem('FAULT')));
    else if (await look()) send(response, 200, { status: 'ok' });
    else send(response, 503, unavailable(problem('STORE_UNAVAILABLE')));
  };
}

const unavailable = (found: Problem): object => ({ status: 'unavailable', ...found });

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}
