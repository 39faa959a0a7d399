import type { Server as HttpServer, IncomingMessage, RequestListener, ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { createServer, refuseSocket } from '../../../base/http.ts';
import { LIMITS } from '../../../base/limits.ts';

/** PEM texts. */
export interface DoorTls {
  readonly cert: string;
  readonly key: string;
}

/** Milliseconds. */
export interface DoorTimes {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly connectionIdleMs: number;
  readonly connectionCheckMs: number;
  readonly connectionStuckMs: number;
}

/** Takes over the socket of a request to switch protocols; without one it is cut. */
export type OnUpgrade = (req: IncomingMessage, socket: Duplex) => void;

/**
 * The HTTP server that agents reach, with bounds against slow, silent and talkative clients. `listener` gets every
 * request; the caller listens and closes. `times` is for tests.
 */
export function createDoorServer(
  listener: RequestListener,
  tls?: DoorTls,
  times: DoorTimes = LIMITS,
  onUpgrade: OnUpgrade = (_req, socket) => refuseSocket(socket, 'NOT_FOUND'),
): HttpServer | HttpsServer {
  const options: ServerOptions = {
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.connectionIdleMs,
    connectionsCheckingInterval: times.connectionCheckMs,
    requireHostHeader: true,
    // Lenient parsing is what request smuggling lives on.
    insecureHTTPParser: false,
    noDelay: true,
  };
  const server =
    tls === undefined ? createServer(options, listener) : createTlsServer({ ...options, ...tls }, listener);
  // Node 22 drops headers beyond this silently, 24 answers 431; one more than is allowed, so that the guard sees that there were too many.
  server.maxHeadersCount = LIMITS.headerCount + 1;
  server.timeout = times.connectionStuckMs;
  server.maxConnections = LIMITS.doorConnections;
  // Without these, node would leave such a socket open; CONNECT does not exist at this door.
  server.on('upgrade', onUpgrade);
  server.on('connect', (_req, socket) => refuseSocket(socket, 'NOT_FOUND'));
  return server;
}
