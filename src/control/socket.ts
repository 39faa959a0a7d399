import { hash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { dirname, isAbsolute, join } from 'node:path';
import { createServer } from '../base/http.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { Result } from '../base/result.ts';
import type { Operations, OperatorRefusal } from './operations.ts';
import { type Change, describeChange } from './people/changes.ts';

type Route = (
  body: JsonObject,
) => Promise<Result<Json, OperatorRefusal> | { readonly ok: true; readonly value: unknown }>;

export interface SocketOptions {
  /** What can be done by the socket; `onWaiting` is told of each change that waits for a signature. */
  operations(onWaiting: (change: Change) => void): Operations;
  /** Where people sign: the address of `control`; null where it is not open. */
  placeOf(): string | null;
}

/**
 * The operator socket: HTTP over a Unix socket that only this user can open. It proves that a program of this user
 * acts, and nothing more. One POST for each act, one GET for each question; answers are JSON. Where an act waits for a
 * person's signature the answer is lines of JSON: `{"waiting":…}` with a link, and at the end `{"status","value"}`.
 */
export function serveOperations(options: SocketOptions): Server {
  return createServer({ requestTimeout: LIMITS.requestMs }, (request, response) => {
    const wait = new Wait(response, options);
    void answer(routesOf(options.operations(wait.onWaiting)), request, response, wait);
  });
}

/** The changes that one request waits for. Whoever hangs up wants them no more. */
class Wait {
  readonly #response: ServerResponse;
  readonly #options: SocketOptions;
  started = false;

  constructor(response: ServerResponse, options: SocketOptions) {
    this.#response = response;
    this.#options = options;
  }

  readonly onWaiting = (change: Change): void => {
    const place = this.#options.placeOf();
    if (place === null) {
      change.drop(
        'dropped',
        'A person signs this at `control`, and there is none: set it in the configuration.',
      );
      return;
    }
    if (!this.started) this.#response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    this.started = true;
    const waiting = { ...describeChange(change), link: `${place}/confirm/${change.id}` };
    this.#response.write(`${JSON.stringify({ waiting })}\n`);
    this.#response.on('close', () => change.drop('dropped', 'Whoever asked for it went away.'));
  };

  end(status: number, value: unknown): void {
    if (this.started) this.#response.end(`${JSON.stringify({ status, value: value ?? {} })}\n`);
    else send(this.#response, status, value);
  }
}

const plain = async (value: Promise<unknown>) => ({ ok: true as const, value: await value });
const text = (body: JsonObject, key: string): string => String(body[key] ?? '');

function routesOf(operations: Operations): ReadonlyMap<string, Route> {
  const optional = (body: JsonObject, key: string) => (typeof body[key] === 'string' ? body[key] : undefined);
  return new Map<string, Route>([
    ['GET /v1/status', () => plain(operations.status())],
    ['GET /v1/agents', () => plain(operations.agents())],
    ['GET /v1/catalog', () => plain(operations.catalog())],
    ['GET /v1/inventory', () => plain(operations.inventory())],
    ['POST /v1/token', (body) => operations.makeToken(text(body, 'agent'), Number(body['ttlMs']))],
    ['POST /v1/revoke', (body) => operations.revokeTokens(text(body, 'agent'))],
    ['GET /v1/points', () => plain(operations.points())],
    ['POST /v1/point-token', (body) => operations.makePointToken(text(body, 'point'), Number(body['ttlMs']))],
    ['POST /v1/point-revoke', (body) => operations.revokePointTokens(text(body, 'point'))],
    ['POST /v1/apply', (body) => operations.apply(body['dryRun'] === true)],
    [
      'POST /v1/accept',
      (body) => operations.accept(text(body, 'upstream'), optional(body, 'name'), optional(body, 'shown')),
    ],
    [
      'POST /v1/stop',
      (body) => operations.stop(text(body, 'scope'), text(body, 'level'), optional(body, 'why')),
    ],
    ['POST /v1/stop-preview', (body) => operations.previewStop(text(body, 'scope'), text(body, 'level'))],
    ['POST /v1/release', (body) => operations.release(text(body, 'scope'), text(body, 'why'))],
    ['GET /v1/approvals', () => plain(operations.approvals())],
    ['POST /v1/approval', (body) => operations.approval(text(body, 'approval'), null)],
    ['POST /v1/less', (body) => operations.less(text(body, 'approval'))],
    ['POST /v1/ask-less', (body) => operations.askLess(text(body, 'approval'), text(body, 'shown'))],
    // The socket is nobody: it can take a question back, and never answer one.
    ['POST /v1/deny', (body) => operations.deny(text(body, 'approval'), null, text(body, 'why'))],
    ['GET /v1/grants', () => plain(operations.grants())],
    ['POST /v1/revoke-grant', (body) => operations.revokeGrant(text(body, 'grant'))],
    ...caseRoutes(operations),
    ['GET /v1/inbox', () => plain(operations.inbox())],
    ['POST /v1/acknowledge', (body) => operations.acknowledge(text(body, 'id'), optional(body, 'why'))],
    ['GET /v1/phone', () => plain(operations.phone())],
    ['POST /v1/test-notice', (body) => operations.testNotice(text(body, 'person'))],
    ['GET /v1/push-key', () => plain(operations.pushKey())],
    [
      'POST /v1/subscribe',
      (body) =>
        operations.subscribe(text(body, 'person'), {
          endpoint: text(body, 'endpoint'),
          p256dh: text(body, 'p256dh'),
          auth: text(body, 'auth'),
        }),
    ],
    ['POST /v1/unsubscribe', (body) => operations.unsubscribe(text(body, 'person'), text(body, 'channel'))],
    ['POST /v1/enrol-code', (body) => operations.enrolCode(optional(body, 'person'))],
    ['GET /v1/unconfirmed', () => plain(operations.unconfirmed())],
    [
      'POST /v1/confirm',
      (body) => operations.confirm(Array.isArray(body['entries']) ? body['entries'].map(Number) : []),
    ],
    ['POST /v1/checkpoint', () => operations.checkpoint()],
    ['POST /v1/drill', (body) => operations.drill(text(body, 'what'), text(body, 'level'), 'socket')],
    [
      'POST /v1/suggest',
      (body) => operations.suggest(text(body, 'agent'), Number(body['sinceMs'] ?? 'none')),
    ],
    ['POST /v1/explain', (body) => operations.explain(text(body, 'action'))],
    [
      'POST /v1/decide',
      (body) => {
        const { requests, record } = body;
        return plain(operations.decide(Array.isArray(requests) ? requests : [], record === true));
      },
    ],
  ]);
}

function caseRoutes(operations: Operations): readonly (readonly [string, Route])[] {
  return [
    ['GET /v1/cases', () => plain(operations.cases())],
    ['POST /v1/case', (body) => operations.case(text(body, 'case'))],
    [
      'POST /v1/close-case',
      (body) =>
        operations.closeCase(text(body, 'case'), null, {
          happened: text(body, 'happened'),
          changes: text(body, 'changes'),
        }),
    ],
  ];
}

async function answer(
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
  wait: Wait,
): Promise<void> {
  const route = routes.get(`${request.method} ${request.url}`);
  if (route === undefined)
    return send(response, 404, { error: { sentence: 'The operator socket does not know this address.' } });
  try {
    const done = await route(await readBody(request));
    if (done.ok) wait.end(200, done.value);
    else wait.end(409, { error: done.error });
  } catch (error) {
    wait.end(500, { error: { sentence: error instanceof Error ? error.message : String(error) } });
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value ?? {}));
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > LIMITS.requestBytes) throw new Error('The request is too large.');
    chunks.push(chunk as Buffer);
  }
  if (bytes === 0) return {};
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return isJsonObject(value) ? value : {};
}

/** sun_path is 104 bytes on the shortest system that we know (measured: about 100 work everywhere). */
const LONGEST_SOCKET_PATH = 100;

const ownTemporary = () => `/tmp/lanyard-${process.getuid?.() ?? 0}`;

export interface SocketPlace {
  /** Where the socket is. */
  readonly path: string;
  /** The file in the state directory that names it, where it is not in there itself. */
  readonly namedIn?: string;
}

/**
 * Where the operator socket of a state directory lies: in it, or, where that path is too long for a socket, under a
 * hashed name in a directory of this user's own.
 */
export function socketPlace(
  inState: string,
  namedIn: string,
  runtimeDirectory: string | undefined,
): SocketPlace {
  if (Buffer.byteLength(inState) <= LONGEST_SOCKET_PATH) return { path: inState };
  const name = `lanyard-${hash('sha256', inState, 'hex').slice(0, 16)}.sock`;
  // The XDG base directory specification: "All paths set in these environment variables must be absolute."
  const usable = runtimeDirectory !== undefined && isAbsolute(runtimeDirectory);
  const path = join(usable ? runtimeDirectory : ownTemporary(), name);
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return { path, namedIn };
  return { path: join(ownTemporary(), name), namedIn };
}

/** Listens for this user alone. Only call while holding the instance's lock: what lies there is left over. */
export async function listenOnSocket(server: Server, place: SocketPlace): Promise<void> {
  const directory = dirname(place.path);
  if (place.namedIn !== undefined) prepareOwnDirectory(directory);
  rmSync(place.path, { force: true });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(place.path, resolve);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(place.path, 0o600);
  if (place.namedIn !== undefined) writeFileSync(place.namedIn, `${place.path}\n`, { mode: 0o600 });
}

function prepareOwnDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const link = lstatSync(directory);
  const found = statSync(directory);
  if (link.isSymbolicLink() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new Error(
      `${directory} is not a directory of this user alone, so the operator socket cannot lie there.`,
    );
  }
}
