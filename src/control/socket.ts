import { hash } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { dirname, isAbsolute, join } from 'node:path';
import { stackOf } from '../base/error-text.ts';
import { ERRORS, type Problem, problem } from '../base/errors.ts';
import { isDiskFull } from '../base/file-fault.ts';
import { createServer } from '../base/http.ts';
import { boundConnections } from '../base/http-connections.ts';
import { answerBadHttp, REFUSAL_TYPE, refusalBody, refuseSwitches } from '../base/http-refusals.ts';
import { REQUEST_BOUNDS } from '../base/json-text.ts';
import { LIMITS } from '../base/limits.ts';
import { readJsonBody } from './json-body.ts';
import { misfitOf } from './misfit.ts';
import type { Operations } from './operations.ts';
import { takeOwnDirectory } from './own-directory.ts';
import { type Change, describeChange } from './people/changes.ts';
import { SOCKET_OPERATIONS } from './socket-operations.ts';

interface SocketOptions {
  /** What can be done by the socket; `onWaiting` is told of each change that waits for a signature. */
  operations(onWaiting: (change: Change) => void): Operations;
  /** Where people sign: the address of `control`; null where it is not open. */
  placeOf(): string | null;
  /** Told what should never happen. */
  log(line: string): void;
}

/**
 * The operator socket: HTTP over a Unix socket that only this user can open. It proves that a program of this user
 * acts, and nothing more. One POST for each act, one GET for each question; answers are JSON. Where an act waits for a
 * person's signature the answer is lines of JSON: `{"waiting":…}` with a link, and at the end `{"status","value"}`.
 */
export function serveOperations(options: SocketOptions): Server {
  const limits = { requestTimeout: LIMITS.requestMs, requireHostHeader: false };
  const server = createServer(limits, (request, response) => {
    const wait = new Wait(response, options);
    void answer(options.operations(wait.onWaiting), request, wait, options.log);
  });
  boundConnections(server, LIMITS.socketConnections);
  answerBadHttp(server);
  refuseSwitches(server, ['connect']);
  return server;
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

async function answer(
  operations: Operations,
  request: IncomingMessage,
  wait: Wait,
  log: (line: string) => void,
): Promise<void> {
  const key = `${request.method} ${request.url}`;
  const operation = Object.hasOwn(SOCKET_OPERATIONS, key) ? SOCKET_OPERATIONS[key] : undefined;
  if (operation === undefined) {
    request.resume();
    return refuse(wait, problem('SOCKET_ROUTE_UNKNOWN'));
  }
  try {
    const read = await readJsonBody(request, BODY);
    if (!read.ok) return refuse(wait, read.error);
    const body = operation.shape.safeParse(read.value);
    if (!body.success) return refuse(wait, problem('BAD_REQUEST', { what: misfitOf(body.error) }));
    const done = await operation.run(operations, body.data);
    if (done.ok) wait.end(200, done.value);
    else wait.end(409, refusalBody(409, { ...done.error }));
  } catch (error) {
    // Whoever hung up in the middle of a body asked for nothing, and nobody is there to be told.
    if (!request.complete) return;
    log(`operator socket: ${key} failed: ${stackOf(error)}`);
    refuse(wait, problem(isDiskFull(error) ? 'DISK_FULL' : 'OPERATION_FAILED'));
  }
}

function refuse(wait: Wait, found: Problem): void {
  const { http } = ERRORS[found.code];
  wait.end(http, refusalBody(http, { ...found }));
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const type = status < 400 ? 'application/json' : REFUSAL_TYPE;
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value ?? {}));
}

/**
 * How bodies are read here: to their end, however long, since they come from this user's own programs. `decide` wraps each
 * line, which may be as deep as a request, in a list.
 */
const BODY = {
  drainBytes: Number.POSITIVE_INFINITY,
  bounds: { ...REQUEST_BOUNDS, depth: REQUEST_BOUNDS.depth + 2, values: REQUEST_BOUNDS.values + 2 },
} as const;

/** sun_path is 104 bytes on the shortest system that we know (measured: about 100 work everywhere). */
const LONGEST_SOCKET_PATH = 100;

/** Where sockets lie that have no other place, those of every instance of this user. */
export const ownTemporary = () => `/tmp/lanyard-${process.getuid?.() ?? 0}`;

interface SocketPlace {
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
      server.listen({ path: place.path, backlog: LIMITS.listenBacklog }, resolve);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(place.path, 0o600);
  if (place.namedIn !== undefined) writeFileSync(place.namedIn, `${place.path}\n`, { mode: 0o600 });
}

/** Why no socket may lie in the directory that is this user's alone, which is made where it is not there; null where one may. */
export const whyNotOwn = (): Problem | null => takeOwnDirectory(ownTemporary());

/** That directory; throws where it is anybody else's. */
export function ownSocketDirectory(): string {
  prepareOwnDirectory(ownTemporary());
  return ownTemporary();
}

function prepareOwnDirectory(directory: string): void {
  const taken = takeOwnDirectory(directory);
  if (taken !== null) throw new Error(`${taken.code}: ${taken.sentence}`);
}
