import { createServer, type Server as HttpServer, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import { LIMITS } from '../../../base/limits.ts';

/** PEM texts. */
export interface DoorTls {
  readonly cert: string;
  readonly key: string;
}

/**
 * The HTTP server that agents reach, with bounds against slow, silent and talkative clients. `listener` gets every
 * request; the caller listens and closes.
 */
export function createDoorServer(listener: RequestListener, tls?: DoorTls): HttpServer | HttpsServer {
  const options: ServerOptions = {
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: LIMITS.headersMs,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.connectionIdleMs,
    connectionsCheckingInterval: LIMITS.connectionCheckMs,
    requireHostHeader: true,
    // Lenient parsing is what request smuggling lives on.
    insecureHTTPParser: false,
    noDelay: true,
  };
  const server =
    tls === undefined ? createServer(options, listener) : createTlsServer({ ...options, ...tls }, listener);
  server.maxHeadersCount = LIMITS.headerCount;
  server.maxConnections = LIMITS.doorConnections;
  // Neither upgrades nor CONNECT exist at this door: without these, node would leave such a socket open.
  server.on('upgrade', (_req, socket) => socket.destroy());
  server.on('connect', (_req, socket) => socket.destroy());
  return server;
}
