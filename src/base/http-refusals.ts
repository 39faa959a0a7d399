import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type Problem, problem } from './errors.ts';
import { isAnswering, owesAnswer, whenAnswered } from './http-connections.ts';
import { LIMITS } from './limits.ts';

/** How one door words what it refuses before there is a request for its routes. */
export interface BadHttp {
  /** The body; `{code, sentence}` where nothing is said. */
  readonly word?: (found: Problem) => object;
  /** Counts one such refusal. */
  readonly count?: (found: Problem) => void;
}

/**
 * Answers what node would refuse with an empty body or no answer at all: a head that cannot be read, is too large or too
 * slow, and an expectation other than 100-continue (RFC 9110 §10.1.1: 417). Afterwards the connection goes.
 */
export function answerBadHttp(server: Server, { word = (found) => found, count }: BadHttp = {}): void {
  const refused = new WeakSet<Duplex>();
  server.on('clientError', (error: Error & { readonly code?: string }, socket: Duplex) => {
    const found = problemOf(error.code ?? '');
    // Each further piece of what cannot be read is told here again.
    if (found !== null && refused.has(socket)) return;
    refused.add(socket);
    // In the middle of an answer another one would be taken for a part of it.
    if (found === null || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    count?.(found);
    refuseNext(socket, found, word(found));
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const found = problem('EXPECTATION_REFUSED');
    count?.(found);
    request.resume();
    const body = `${JSON.stringify(word(found))}\n`;
    response
      .writeHead(ERRORS[found.code].http, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        connection: 'close',
      })
      .end(body);
  });
}

/** Answers an upgrade, or a CONNECT, to a server that knows none. */
export function refuseSwitches(
  server: Server,
  events: readonly ('upgrade' | 'connect')[],
  { word = (found) => found, count }: BadHttp = {},
): void {
  for (const event of events)
    server.on(event, (_request: IncomingMessage, socket: Duplex) => {
      const found =
        event === 'connect' ? problem('METHOD_NOT_ALLOWED', { method: 'CONNECT' }) : problem('NO_UPGRADE');
      count?.(found);
      refuseNext(socket, found, word(found));
    });
}

/** In its turn: behind the answers to what came whole before it. */
function refuseNext(socket: Duplex, found: Problem, said: object): void {
  if (!owesAnswer(socket)) {
    refuseSocket(socket, found, said);
    return;
  }
  socket.on('error', () => socket.destroy());
  whenAnswered(socket, () => {
    if (socket.writable) refuseSocket(socket, found, said);
  });
}

/** Null where there is nobody to tell any more. */
function problemOf(code: string): Problem | null {
  if (code === 'HPE_HEADER_OVERFLOW') return problem('HEADERS_TOO_LARGE', { limit: LIMITS.headerBytes });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem('REQUEST_TIMEOUT');
  return code.startsWith('HPE_') ? problem('BAD_HTTP') : null;
}

/** Writes one refusal on a socket that has no response of its own, and closes it. `headers`: further lines. */
export function refuseSocket(
  socket: Duplex,
  found: Problem,
  said: object = found,
  status: number = ERRORS[found.code].http,
  headers: readonly string[] = [],
): void {
  socket.on('error', () => socket.destroy());
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${JSON.stringify(said)}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...headers,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};
