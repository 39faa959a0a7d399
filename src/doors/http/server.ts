import type { Server as HttpServer, IncomingMessage, RequestListener } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { createServer } from '../../base/http.ts';
import { boundConnections, owesAnswer } from '../../base/http-connections.ts';
import { answerBadHttp, type BadHttp, refuseSwitches } from '../../base/http-refusals.ts';
import { type ServerTimes, serverOptions } from '../../base/http-server.ts';
import { inTurn } from '../../base/http-turns.ts';
import { boundUnread, type UnreadBounds } from '../../base/http-unread.ts';
import { LIMITS } from '../../base/limits.ts';
import { DoorRequest } from './door-request.ts';

/** PEM texts. */
export interface DoorTls {
  readonly cert: string;
  readonly key: string;
}

export interface DoorTimes extends ServerTimes, UnreadBounds {
  readonly connectionStuckMs: number;
  /** Connections at once. */
  readonly doorConnections: number;
}

/** Takes over the socket of a request to switch protocols; without one it is refused. `head`: what came behind the request. */
export type OnUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Who takes an upgrade or a CONNECT; what nobody takes is refused. */
interface Switches {
  readonly upgrade?: OnUpgrade;
  readonly connect?: OnUpgrade;
}

/**
 * The HTTP server that agents reach, with bounds against slow, silent and talkative clients. `listener` gets every
 * request in its turn, and looks at Host itself; the caller listens and closes. `times` is for tests, `bad` counts what is no request.
 */
export function createDoorServer(
  listener: RequestListener,
  tls?: DoorTls,
  times: DoorTimes = LIMITS,
  switches: Switches = {},
  bad: BadHttp = {},
): HttpServer | HttpsServer {
  const options = {
    ...serverOptions(times),
    // What it does not know it ignores (RFC 9110 §7.8): clients offer h2c with their first request.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() !== 'h2c',
    noDelay: true,
    IncomingMessage: DoorRequest,
  };
  const server =
    tls === undefined
      ? createServer(options, inTurn(listener))
      : createTlsServer({ ...options, ...tls, handshakeTimeout: times.headersMs }, inTurn(listener));
  // Node 22 drops headers beyond this silently, 24 answers 431; one more than is allowed, so that the guard sees that there were too many.
  server.maxHeadersCount = LIMITS.headerCount + 1;
  server.timeout = times.connectionStuckMs;
  boundConnections(server, times.doorConnections);
  boundUnread(server, times);
  answerBadHttp(server, bad);
  for (const event of ['upgrade', 'connect'] as const) {
    const take = switches[event];
    if (take === undefined) refuseSwitches(server, [event], bad);
    else
      server.on(event, (req: IncomingMessage, socket: Duplex, head: Buffer) => {
        // What is still owed would be written into what the connection is about to become.
        if (owesAnswer(socket)) socket.destroy();
        else take(req, socket, head);
      });
  }
  return server;
}
