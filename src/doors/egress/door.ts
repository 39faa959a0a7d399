import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { describeFault } from '../../base/error-text.ts';
import { ERRORS, type Problem, problem } from '../../base/errors.ts';
import { createServer } from '../../base/http.ts';
import { boundConnections, ownConnection } from '../../base/http-connections.ts';
import { answerBadHttp, answerRefused, refuseSocket, refuseSwitches } from '../../base/http-refusals.ts';
import { serverOptions } from '../../base/http-server.ts';
import type { Ids } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { CONNECT, WAY_OUT } from '../../model/action.ts';
import type { Tunnels } from '../../pipeline/action/tunnels.ts';
import type { Answer } from '../../pipeline/ports/answer.ts';
import type { Caller } from '../../pipeline/ports/call.ts';
import type { Corridor } from '../../pipeline/ports/corridor.ts';
import { createActionSessions } from '../http/action-sessions.ts';

export interface ConnectDoorOptions {
  readonly corridor: Corridor;
  readonly tunnels: Tunnels;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Told what should never happen: one line, without anything a caller sent. */
  readonly log: (line: string) => void;
}

/** Who speaks on a connection where the connection itself says so: the door of one run. */
interface Known extends Caller {
  readonly session: string;
}

/** One CONNECT: where to, and the connection on which it came. */
interface ConnectRequest {
  /** Host and port, as they stand in the request. */
  readonly authority: string;
  readonly socket: Duplex;
  /** What the client sent after the request's head, unasked. */
  readonly head: Buffer;
  /** Called when the client closes the connection before the way is open. */
  readonly gone: () => void;
}

export interface ConnectDoor {
  /** A proxy of its own. The caller listens and closes. */
  readonly server: Server;
  /** Takes over the socket of one CONNECT. `known`: whose it is without being told. */
  connect(req: IncomingMessage, socket: Duplex, head: Buffer, known?: Known): void;
  /** Takes nothing more, and cuts what is open. */
  drain(): Promise<void>;
}

/**
 * The proxy: CONNECT, a token in `Proxy-Authorization` (Bearer, or the password of Basic), and then the corridor. 200
 * says that the way is open; anything else is a refusal (base/http-refusals.ts), with `rules`, `action` and `approval` where there are any.
 */
export function createConnectDoor(options: ConnectDoorOptions): ConnectDoor {
  const door = new Door(options);
  const server = createServer(serverOptions(), (req, res) => door.refuseOther(req, res));
  server.maxHeadersCount = LIMITS.headerCount + 1;
  boundConnections(server, LIMITS.egressConnections);
  const bad = { count: (found: Problem) => options.corridor.refused(null, found) };
  answerBadHttp(server, bad);
  refuseSwitches(server, ['upgrade'], bad);
  server.on('connect', (req, socket, head) => door.connect(req, socket, head));
  return {
    server,
    connect: (req, socket, head, known) => door.connect(req, socket, head, known),
    drain: () => door.drain(),
  };
}

class Door {
  readonly #options: ConnectDoorOptions;
  readonly #sessions;
  /** Every tunnel that is being asked for or open, and what ends it. */
  readonly #open = new Map<Promise<void>, AbortController>();
  /** Sockets that were taken over: the HTTP server does not know them any more, but its close still waits for them. */
  readonly #sockets = new Set<Duplex>();
  #draining = false;

  constructor(options: ConnectDoorOptions) {
    this.#options = options;
    this.#sessions = createActionSessions(options.ids, options.clock);
  }

  refuseOther(req: IncomingMessage, res: ServerResponse): void {
    req.resume();
    const found = problem('TUNNELS_ONLY');
    this.#options.corridor.refused(null, found);
    answerRefused(res, found, undefined, { allow: 'CONNECT' });
  }

  connect(req: IncomingMessage, socket: Duplex, head: Buffer, known?: Known): void {
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    const caller = this.#admit(req, head, known);
    if (!caller.ok) {
      refuse(socket, caller.error);
      return;
    }
    const ended = new AbortController();
    const gone = () => ended.abort();
    socket.once('close', gone);
    const leave = this.#options.tunnels.add(caller.value, gone);
    const served = this.#serve(caller.value, { authority: req.url ?? '', socket, head, gone }, ended.signal)
      .catch((fault: unknown) => {
        this.#options.log(`the way out failed on a request: ${describeFault(fault)}`);
        socket.destroy();
      })
      .finally(() => {
        leave();
        this.#open.delete(served);
      });
    this.#open.set(served, ended);
  }

  async drain(): Promise<void> {
    this.#draining = true;
    for (const ended of this.#open.values()) ended.abort();
    await Promise.all(this.#open.keys());
    for (const socket of this.#sockets) socket.destroy();
  }

  #admit(req: IncomingMessage, head: Buffer, known: Known | undefined): Result<Known, Problem> {
    const { corridor, tunnels } = this.#options;
    const refused = (agent: string | null, found: Problem) => {
      corridor.refused(agent, found);
      return err(found);
    };
    if (this.#draining) return err(problem('SHUTTING_DOWN'));
    const malformed = whyMalformed(req);
    if (malformed !== null) return refused(known?.agent ?? null, malformed);
    let caller = known;
    if (caller === undefined) {
      const found = corridor.authenticate(proxyTokenOf(req), req.socket.remoteAddress ?? '');
      if (!found.ok) return refused(null, found.error);
      caller = { ...found.value, session: this.#sessions.ofToken(found.value) };
    }
    ownConnection(req.socket, caller.agent);
    const tooOften = corridor.refusedTooOften(caller);
    if (tooOften !== null) return refused(caller.agent, tooOften);
    if (tunnels.of(caller.agent) >= LIMITS.tunnelsPerAgent)
      return refused(caller.agent, problem('TOO_MANY_TUNNELS', { limit: LIMITS.tunnelsPerAgent }));
    if (head.length > LIMITS.tunnelHeadBytes)
      return refused(caller.agent, problem('BODY_TOO_LARGE', { limit: LIMITS.tunnelHeadBytes }));
    return ok(caller);
  }

  /**
   * Serves one CONNECT. The corridor answers when the tunnel ends; the client hears of that answer only where the way
   * was never opened.
   */
  async #serve(
    { agent, token, ofRun, session }: Known,
    { authority, socket, head, gone }: ConnectRequest,
    signal: AbortSignal,
  ): Promise<void> {
    let isOpen = false;
    const openTunnel = (): Duplex => {
      isOpen = true;
      // From here on it is the tunnel that tells a close by the client from one by the host.
      socket.removeListener('close', gone);
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
      return socket;
    };
    const attempt = {
      agent,
      token,
      ...(ofRun === undefined ? {} : { ofRun }),
      session,
      door: 'egress',
      upstream: WAY_OUT,
      method: CONNECT,
      name: authority,
      arguments: {},
    } as const;
    const control = { signal, openTunnel };
    const answer = await this.#options.corridor.act(attempt, '2025', control);
    if (!isOpen) answerDenied(socket, answer);
  }
}

/**
 * Against two readers of one request: what is decided by stands once, and a Host names where the tunnel leads (RFC 9110
 * §7.2: "identical to that authority component"; some programs leave the port out, or the whole header).
 */
function whyMalformed({ rawHeaders, headers, url = '' }: IncomingMessage): Problem | null {
  if (rawHeaders.length > 2 * LIMITS.headerCount)
    return problem('TOO_MANY_HEADERS', { limit: LIMITS.headerCount });
  const names = rawHeaders.filter((_one, i) => i % 2 === 0).map((name) => name.toLowerCase());
  for (const header of ['host', 'proxy-authorization'])
    if (names.indexOf(header) !== names.lastIndexOf(header))
      return problem('HEADER_MISMATCH', { header, what: 'it stands twice' });
  const host = headers.host?.toLowerCase();
  const authority = url.toLowerCase();
  if (host === undefined || host === authority || host === authority.replace(/:[0-9]{1,5}$/, '')) return null;
  // Simple clients write where the way out is itself, which is always this machine.
  if (OWN_HOST.test(host)) return null;
  return problem('HEADER_MISMATCH', { header: 'host', what: 'it names another place than CONNECT' });
}

/** RFC 9110 §11.7: the credentials for the proxy itself. Programs that take a proxy's address put them in as user and password. */
export function proxyTokenOf(req: IncomingMessage): string | undefined {
  const given = req.headers['proxy-authorization'] ?? '';
  const bearer = /^bearer +([!-~]+) *$/i.exec(given)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(given)?.[1];
  if (basic === undefined) return undefined;
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function answerDenied(socket: Duplex, answer: Answer): void {
  switch (answer.kind) {
    case 'denied': {
      const { code = 'DECISION_FAILED', reason, rules, approval } = answer.decision;
      const asked = approval === undefined ? {} : { approval: approval.id };
      const found = { code, sentence: reason };
      refuseSocket(socket, found, 403, [], { rules, action: answer.action, ...asked });
      return;
    }
    case 'failed':
      refuseSocket(socket, answer.problem, 502, [], { action: answer.action });
      return;
    case 'refused':
      refuse(socket, answer.problem);
      return;
    default:
      refuse(socket, problem('INTERNAL'));
  }
}

function refuse(socket: Duplex, found: Problem): void {
  const { http } = ERRORS[found.code];
  // A client sends its credentials to a proxy when 407 asks for them (RFC 9110 §15.5.8).
  if (http === 401) refuseSocket(socket, found, 407, ['Proxy-Authenticate: Basic realm="lanyard"']);
  else refuseSocket(socket, found, http === 200 ? 403 : http);
}

const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?$/;
