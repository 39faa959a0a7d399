import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Problem, problem } from '../../base/errors.ts';
import { createServer } from '../../base/http.ts';
import { boundConnections } from '../../base/http-connections.ts';
import { answerBadHttp, refuseSwitches } from '../../base/http-refusals.ts';
import { serverOptions } from '../../base/http-server.ts';
import { LIMITS } from '../../base/limits.ts';
import { pathOf } from '../../base/url-path.ts';
import type { BrakePlace } from './messages.ts';
import type { StopDesk } from './stop-desk.ts';
import { answerStop, isStopPath, refuse, sendJson } from './stop-door.ts';
import { whyShut } from './stop-gate.ts';

interface BrakeServerOptions {
  readonly place: BrakePlace;
  readonly desk: StopDesk;
  /** null while it works; otherwise why it cannot be relied on. */
  health(): string | null;
  log(line: string): void;
}

/**
 * The HTTP server of `brake`: /stop and /healthz, and nothing else. It runs on a thread of its own; whoever opens
 * connections without end closes their own oldest ones, and keeps nobody out.
 */
export function createBrakeServer({ place, desk, health, log }: BrakeServerOptions): Server {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const path = pathOf(request.url ?? '/');
    if ((request.headers.host ?? '') === '') return drop(request, response, 400, problem('HOST_MISSING'));
    const shut = whyShut(request, place.names);
    if (shut !== null) return drop(request, response, 403, { code: 'BAD_HOST', sentence: shut });
    if (path === '/healthz') {
      const { method = '' } = request;
      if (method === 'GET' || method === 'HEAD') return answerHealth(request, response, health());
      response.setHeader('allow', 'GET, HEAD');
      return drop(request, response, 405, problem('METHOD_NOT_ALLOWED', { method }));
    }
    if (!isStopPath(path))
      return drop(request, response, 404, {
        code: 'NOT_FOUND',
        sentence: 'Here is /stop, and nothing else.',
      });
    answerStop(desk, request, response, place.tls !== undefined).catch((error: unknown) => {
      // Whoever hung up in the middle of a body stops nothing, and nobody is there to be told.
      if (!request.complete) {
        response.destroy();
        return;
      }
      log(`brake: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else
        refuse(
          response,
          500,
          'INTERNAL',
          'Something went wrong here; try again, or use ./lanyard stop.',
          false,
        );
    });
  };
  const limits = serverOptions({
    headersMs: LIMITS.brakeHeadersMs,
    requestMs: LIMITS.brakeRequestMs,
    connectionIdleMs: LIMITS.brakeHeadersMs,
    connectionCheckMs: LIMITS.connectionCheckMs,
  });
  const server =
    place.tls === undefined
      ? createServer(limits, listener)
      : (createTlsServer(
          { ...limits, ...place.tls, handshakeTimeout: LIMITS.brakeHeadersMs },
          listener,
        ) as Server);
  boundConnections(server, LIMITS.brakeConnections);
  answerBadHttp(server);
  refuseSwitches(server, ['upgrade', 'connect']);
  return server;
}

function drop(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  { code, sentence }: Problem,
): void {
  request.resume();
  refuse(response, status, code, sentence, false);
}

function answerHealth(request: IncomingMessage, response: ServerResponse, why: string | null): void {
  request.resume();
  sendJson(
    response,
    why === null ? 200 : 503,
    why === null ? { status: 'ok' } : { status: 'unavailable', ...problem('SWITCH_UNREADABLE'), why },
  );
}
