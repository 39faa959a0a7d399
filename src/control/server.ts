import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { ERRORS, type Problem, problem } from '../base/errors.ts';
import { isDiskFull } from '../base/file-fault.ts';
import { createServer } from '../base/http.ts';
import { boundConnections, ownConnection } from '../base/http-connections.ts';
import { answerBadHttp, answerRefused, refuseSwitches } from '../base/http-refusals.ts';
import { serverOptions } from '../base/http-server.ts';
import { LIMITS } from '../base/limits.ts';
import { pathOf } from '../base/url-path.ts';
import { answerStop, isStopPath } from './brake/stop-door.ts';
import { EVENTS, openEvents } from './events.ts';
import { bearerOf, createGate, type Gated, setStrictHeaders } from './gate.ts';
import { readJsonBody } from './json-body.ts';
import { misfitOf } from './misfit.ts';
import type { Pages } from './pages.ts';
import type { ControlPort } from './port.ts';
import type { Answer, Route, SignedIn } from './route.ts';
import { findRoute } from './routing.ts';

interface ControlOptions {
  readonly port: ControlPort;
  readonly routes: readonly Route[];
  /** What people's browsers call this server, once it listens: `http://localhost:7702`, and that of `publicUrl`. */
  origins(): readonly string[];
  /** The console's files; null where it is not built. */
  readonly pages: Pages | null;
  readonly tls?: { readonly cert: string; readonly key: string };
  log(line: string): void;
}

/**
 * The HTTP server of `control`: for people only. Gate (Host, Origin) → bearer session → shape → handler. What an agent's
 * token tries here is refused and told in the log.
 */
export function createControlServer(options: ControlOptions): Server {
  const gate = createGate(options.origins);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const gated = gate(request);
    setStrictHeaders(response, 'origin' in gated && gated.origin.startsWith('https:'));
    if ('problem' in gated) return end(request, response, gated.problem);
    answer(options, gated, request, response).catch((error: unknown) => {
      // Whoever hung up in the middle of a body asked for nothing, and nobody is there to be told.
      if (!request.complete) {
        response.destroy();
        return;
      }
      options.log(`control: ${request.method} ${pathOf(request.url ?? '/')} failed: ${String(error)}`);
      if (!response.headersSent)
        end(request, response, problem(isDiskFull(error) ? 'DISK_FULL' : 'INTERNAL'));
      else response.destroy();
    });
  };
  const limits = serverOptions();
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, ...tls, handshakeTimeout: LIMITS.headersMs }, listener);
  server.maxHeadersCount = LIMITS.headerCount + 1;
  boundConnections(server as Server, LIMITS.controlConnections);
  answerBadHttp(server as Server);
  refuseSwitches(server as Server, ['upgrade', 'connect']);
  return server as Server;
}

async function answer(
  options: ControlOptions,
  gated: Extract<Gated, { origin: string }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request.url ?? '/');
  const { stopDesk } = options.port;
  if (isStopPath(path) && stopDesk !== null)
    return answerStop(stopDesk, request, response, gated.origin.startsWith('https:'));
  if (isRouted(path)) return answerRoute(options, gated.origin, request, response);
  return answerPage(options.pages, gated, request, response);
}

/** A file of the console. Asked for at an address, it is sent to the name: passkeys belong to names. */
async function answerPage(
  pages: Pages | null,
  { origin, byAddress }: Extract<Gated, { origin: string }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const page = isRead ? pages?.find(pathOf(request.url ?? '/')) : undefined;
  if (page === undefined) {
    end(request, response, problem('PAGE_UNKNOWN'));
    return;
  }
  request.resume();
  if (byAddress) {
    response.writeHead(307, { location: `${origin}${request.url}`, ...NO_STORE }).end();
    return;
  }
  const packed = takesGzip(request.headers['accept-encoding']) ? await page.packed() : null;
  const sent = packed ?? page.bytes;
  response.writeHead(200, {
    'content-type': page.type,
    'cache-control': page.cache,
    'content-length': sent.length,
    vary: 'accept-encoding',
    ...(packed === null ? {} : { 'content-encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : sent);
}

/** RFC 9110, 12.5.3: whether it names gzip, and not by `q=0`. The console's files alone are packed: nobody's secrets are in them. */
function takesGzip(accepted: string | undefined): boolean {
  const named = (accepted ?? '').split(',').map((one) => one.split(';').map((part) => part.trim()));
  return named.some(
    ([name = '', weight = '']) => name.toLowerCase() === 'gzip' && !/^q=0(\.0*)?$/i.test(weight),
  );
}

/** One route: who asks, what they give, and what the handler makes of it. */
async function answerRoute(
  options: ControlOptions,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { port } = options;
  const bearer = bearerOf(request);
  const found = findRoute(options.routes, request.method ?? '', pathOf(request.url ?? '/'));
  const agents = bearer === undefined ? null : port.refuseAgent(bearer);
  if (agents !== null) return end(request, response, agents);
  if ('problem' in found) return end(request, response, found.problem, found.allow);
  const asked = bearer === undefined ? null : signedInBy(port, bearer, origin);
  if (asked === null && (found.route.who !== 'anyone' || bearer !== undefined))
    return end(request, response, problem(bearer === undefined ? 'SIGN_IN_NEEDED' : 'SESSION_OVER'));
  if (asked !== null) ownConnection(request.socket, asked.person.id);
  const given = await readGiven(request, found.route);
  if ('problem' in given) return end(request, response, given.problem);
  // A body may be long in coming, and her session over, or her roles others, before its end.
  const who = bearer === undefined ? null : signedInBy(port, bearer, origin);
  if (asked !== null && who === null) return end(request, response, problem('SESSION_OVER'));
  const from = request.socket.remoteAddress ?? '';
  const call = { port, who, origin, from, params: found.params, query: given.query, body: given.body };
  send(options, request, response, who, await found.route.handle(call));
}

/** Everything else is a place in the console. */
const isRouted = (path: string): boolean =>
  path.startsWith('/v1/') || path.startsWith('/log/') || path === '/metrics' || path === '/healthz';

/** Who is among the people in force and not disabled; her session ends where she is no more. */
function signedInBy(port: ControlPort, bearer: string, origin: string): SignedIn | null {
  const session = port.sessions.find(bearer, origin);
  if (session === null) return null;
  const person = port.person(session.person);
  if (person !== undefined && person.disabled !== true) return { person, session: session.id };
  port.sessions.endAllOf(session.person);
  return null;
}

/** What a route takes that names no shape for its body. */
const NOTHING = z.strictObject({});

type ReadGiven = { readonly body: unknown; readonly query: unknown } | { readonly problem: Problem };

async function readGiven(request: IncomingMessage, { method, body, query }: Route): Promise<ReadGiven> {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const twice = [...searchParams.keys()].find((key, i, all) => all.indexOf(key) !== i);
  if (twice !== undefined) return { problem: problem('BAD_REQUEST', { what: `"${twice}" stands twice` }) };
  const asked = Object.fromEntries(searchParams);
  const parsedQuery = query?.safeParse(asked);
  if (parsedQuery?.success === false)
    return { problem: problem('BAD_REQUEST', { what: misfitOf(parsedQuery.error) }) };
  if (method === 'GET') {
    request.resume();
    return { body: undefined, query: parsedQuery?.data };
  }
  const type = request.headers['content-type'] ?? '';
  if (
    !/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type) ||
    request.headers['content-encoding'] !== undefined
  )
    return { problem: problem('UNSUPPORTED_MEDIA_TYPE') };
  const json = await readJsonBody(request, { drainBytes: LIMITS.drainBytes });
  if (!json.ok) return { problem: json.error };
  const parsed = (body ?? NOTHING).safeParse(json.value);
  if (!parsed.success) return { problem: problem('BAD_REQUEST', { what: misfitOf(parsed.error) }) };
  return { body: body === undefined ? undefined : parsed.data, query: parsedQuery?.data };
}

function send(
  { port }: ControlOptions,
  request: IncomingMessage,
  response: ServerResponse,
  who: SignedIn | null,
  answer: Answer,
): void {
  const isHead = request.method === 'HEAD';
  if ('problem' in answer) end(request, response, answer.problem);
  else if ('refused' in answer) answerRefused(response, answer.refused, 409, NO_STORE);
  else if ('bytes' in answer)
    response.writeHead(200, { 'content-type': answer.type, 'cache-control': 'no-store' }).end(answer.bytes);
  else if ('lines' in answer) sendLines(response, isHead ? [] : answer.lines);
  else if ('events' in answer && isHead) response.writeHead(200, EVENTS).end();
  else if ('events' in answer) openEvents(port.sessions, who, request, response, answer.events);
  else sendJson(response, answer.status ?? 200, answer.value);
}

function end(request: IncomingMessage, response: ServerResponse, found: Problem, allow?: string): void {
  request.resume();
  const { http } = ERRORS[found.code];
  const headers = allow === undefined ? NO_STORE : { ...NO_STORE, allow };
  answerRefused(response, found, http === 200 ? 409 : http, headers);
}

const NO_STORE = { 'cache-control': 'no-store' };

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(`${JSON.stringify(value ?? {})}\n`);
}

/** As fast as the reader takes it; where it cannot be read to its end, the connection breaks, so that nobody takes it for whole. */
function sendLines(response: ServerResponse, lines: AsyncIterable<string> | readonly string[]): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  pipeline(Readable.from(lines), response).catch(() => response.destroy());
}
