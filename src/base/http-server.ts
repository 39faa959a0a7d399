import type { ServerOptions } from 'node:http';
import { LIMITS } from './limits.ts';

/** How long an HTTP server waits, in ms. */
export interface ServerTimes {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly connectionIdleMs: number;
  readonly connectionCheckMs: number;
}

/** What every HTTP server of ours sets, against slow, silent and lenient ones. */
export function serverOptions(times: ServerTimes = LIMITS): ServerOptions {
  return {
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.connectionIdleMs,
    connectionsCheckingInterval: times.connectionCheckMs,
    // The guard says what is missing, where node would answer without a body.
    requireHostHeader: false,
    // Lenient parsing is what request smuggling lives on.
    insecureHTTPParser: false,
  };
}
