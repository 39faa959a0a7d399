import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, problem } from '../base/errors.ts';
import { answerRefused } from '../base/http-refusals.ts';
import { LIMITS } from '../base/limits.ts';
import { createGuard } from '../doors/http/index.ts';
import type { House } from './house.ts';

/**
 * Null while a decision could be made and recorded; else why not. Whether an unsure log can be written again is tried once
 * in LIMITS.healthMs, however often it is asked.
 */
export function healthOf(house: House): () => Promise<Problem | null> {
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
  return async () => {
    if (house.halt.fault !== null) return problem('FAULT');
    return (await look()) ? null : problem('STORE_UNAVAILABLE');
  };
}

/**
 * `/healthz`: 200 `{status: "ok"}` only if a decision could be made and recorded now; 503 `{status: "unavailable", code,
 * sentence}` otherwise. It takes no token, so it says nothing of what is wrong.
 */
export function createHealth(
  house: House,
  hosts: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const guard = createGuard(hosts);
  const whyUnwell = healthOf(house);
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
      answerRefused(response, shut, undefined, shut.code === 'METHOD_NOT_ALLOWED' ? ALLOW : {});
      return;
    }
    const why = await whyUnwell();
    if (why === null) send(response, 200, { status: 'ok' });
    else send(response, 503, { status: 'unavailable', ...why });
  };
}

const ALLOW = { allow: 'GET, HEAD' };

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}
