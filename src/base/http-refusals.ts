import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type Problem, problem } from './errors.ts';
import { STATUS_CODES } from './http.ts';
import { isAnswering, owesAnswer, whenAnswered } from './http-connections.ts';
import { LIMITS } from './limits.ts';

/** The media type of a refusal (RFC 9457 §3). */
export const REFUSAL_TYPE = 'application/problem+json';

/** What a refusal says: a code, a sentence for a person, and what else its door has to say. */
interface Refusal {
  readonly code: string;
  readonly sentence: string;
  readonly [more: string]: unknown;
}

/**
 * The body of a refusal at every door where no standard says another: `{title, status, detail, error}` (RFC 9457, without
 * `type`: there is nothing more to read about it than the code says). `error` holds the code of the one table. MCP's
 * refusals are JSON-RPC errors, those of the check door the strings that AuthZEN wants.
 */
export function refusalBody(status: number, said: Refusal): object {
  const { code, sentence, ...more } = said;
  return {
    title: STATUS_CODES[status] ?? 'Refused',
    status,
    detail: sentence,
    error: { code, sentence, ...more },
  };
}

/** The same as text. */
function refusalText(status: number, said: Refusal): string {
  return `${JSON.stringify(refusalBody(status, said))}\n`;
}

/** What a door does about requests that it refuses before its routes see them. */
export interface BadHttp {
  /** Counts one such refusal. */
  readonly count?: (found: Problem) => void;
}

/**
 * Answers what node would refuse with an empty body or no answer at all: a head that cannot be read, is too large or too
 * slow, and an expectation other than 100-continue (RFC 9110 §10.1.1: 417). Afterwards the connection goes.
 */
export function answerBadHttp(server: Server, { count }: BadHttp = {}): void {
  const refused = new WeakSet<Duplex>();
  server.on('clientError', (error: Error & { readonly code?: string }, socket: Duplex) => {
    const found = problemOf(error.code ?? '');
    // Each further piece of what cannot be read is told here again.
    if (found !== null && refused.has(socket)) return;
    refused.add(socket);
    // In the middle of an answer another one would be taken for a part of it. And whoever breaks off has left: what still
    // runs for such a client is to hear of it.
    const isGone = error.code === 'HPE_INVALID_EOF_STATE' && owesAnswer(socket);
    if (found === null || isGone || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    count?.(found);
    refuseNext(socket, found);
  });
  refuseTwofold(server, refused, count);
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const found = problem('EXPECTATION_REFUSED');
    count?.(found);
    request.resume();
    answerRefused(response, found, undefined, { connection: 'close' });
  });
}

/**
 * Before any route: a version that is not spoken here; chunks in one that has none (RFC 9112 §6.1: such a message
 * "MUST" be taken for one whose framing is faulty, since whoever stands before us may see its end elsewhere); and a
 * transfer coding besides chunks, which node takes no notice of and others would undo first. What came behind it on the
 * same connection is read by nobody.
 */
function refuseTwofold(server: Server, refused: WeakSet<Duplex>, count: BadHttp['count']): void {
  const serve = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (refused.has(request.socket)) return;
    if (!isTwofold(request)) {
      for (const listener of serve) listener.call(server, request, response);
      return;
    }
    const found = problem('BAD_HTTP');
    refused.add(request.socket);
    count?.(found);
    request.resume();
    answerRefused(response, found, undefined, { connection: 'close' });
  });
}

function isTwofold({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  if (httpVersion === '1.1') return coding !== undefined && coding.toLowerCase() !== 'chunked';
  return httpVersion !== '1.0' || coding !== undefined;
}

/** Answers an upgrade, or a CONNECT, to a server that knows none. */
export function refuseSwitches(
  server: Server,
  events: readonly ('upgrade' | 'connect')[],
  { count }: BadHttp = {},
): void {
  for (const event of events)
    server.on(event, (_request: IncomingMessage, socket: Duplex) => {
      const found =
        event === 'connect' ? problem('METHOD_NOT_ALLOWED', { method: 'CONNECT' }) : problem('NO_UPGRADE');
      count?.(found);
      refuseNext(socket, found);
    });
}

/** In its turn: behind the answers to what came whole before it. */
function refuseNext(socket: Duplex, found: Problem): void {
  if (!owesAnswer(socket)) {
    refuseSocket(socket, found);
    return;
  }
  socket.on('error', () => socket.destroy());
  // Nobody reads what follows, but that the client leaves is heard only by reading.
  socket.once('end', () => socket.destroy());
  socket.resume();
  whenAnswered(socket, () => {
    if (socket.writable) refuseSocket(socket, found);
  });
}

/** Answers one request with a refusal. `status`: where the table's is that of JSON-RPC, or another is wanted. */
export function answerRefused(
  response: ServerResponse,
  found: Problem,
  status: number = ERRORS[found.code].http,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = refusalText(status, { ...found });
  response
    .writeHead(status, {
      'content-type': REFUSAL_TYPE,
      'content-length': Buffer.byteLength(body),
      ...(status === 401 ? CHALLENGE : {}),
      ...headers,
    })
    .end(body);
}

/** RFC 9110 §15.5.2: a 401 MUST say what would let one in. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="lanyard"' };

/** Null where there is nobody to tell any more. */
function problemOf(code: string): Problem | null {
  if (code === 'HPE_HEADER_OVERFLOW') return problem('HEADERS_TOO_LARGE', { limit: LIMITS.headerBytes });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem('REQUEST_TIMEOUT');
  return code.startsWith('HPE_') ? problem('BAD_HTTP') : null;
}

/**
 * Writes one refusal on a socket that has no response of its own, and closes it. `headers`: further lines, `more`: what is
 * said beside code and sentence.
 */
export function refuseSocket(
  socket: Duplex,
  found: Problem,
  status: number = ERRORS[found.code].http,
  headers: readonly string[] = [],
  more: Omit<Refusal, keyof Problem> = {},
): void {
  socket.on('error', () => socket.destroy());
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = refusalText(status, { ...found, ...more });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    `Content-Type: ${REFUSAL_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...headers,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
