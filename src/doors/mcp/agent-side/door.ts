import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import { ERRORS, type Problem, problem } from '../../../base/errors.ts';
import type { Ids } from '../../../base/ids.ts';
import { parseJson } from '../../../base/json-text.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { Caller, Corridor } from '../../../pipeline/ports.ts';
import { createActionSessions } from './action-sessions.ts';
import { readBody } from './body.ts';
import { Exchange, writeJson } from './exchange.ts';
import { describeFault } from './fault.ts';
import { bearerOf, checkMedia, createGuard, upstreamOf } from './guard.ts';
import { createInFlight } from './in-flight.ts';
import { createMcpSessions } from './mcp-sessions.ts';
import { answerBug, type Post, type PostDesk, takePost } from './post.ts';
import { answerProblem } from './wire.ts';

export interface McpDoorOptions {
  readonly corridor: Corridor;
  readonly ids: Ids;
  readonly clock: Clock;
  /** The version of this program, told to clients. */
  readonly version: string;
  /** Names, without a port, under which clients reach this gateway besides the loopback ones. */
  readonly hosts: readonly string[];
  /** Behind a proxy of ours the peer is whom its last `X-Forwarded-For` names. */
  readonly behindProxy?: boolean;
  /** Told what should never happen: one line, without anything a client sent. */
  readonly log: (line: string) => void;
  /** For tests; LIMITS.streamKeepAliveMs otherwise. */
  readonly keepAliveMs?: number;
}

export interface McpDoor {
  /** Answers every request whose path `matches`; others get 404. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Whether this is an address of MCP: `/mcp` or `/mcp/<upstream>`. */
  matches(url: string): boolean;
  /** From now on refuses what comes in; resolves when what runs has ended, or was aborted after LIMITS.drainMs. */
  drain(withinMs?: number): Promise<void>;
}

/**
 * The MCP door for HTTP. In this order: Host and Origin, bearer token, path, method and media types, body within
 * bounds, and then the message (post.ts). Whatever is refused is counted by the corridor and answered with a code.
 */
export function createMcpDoor(options: McpDoorOptions): McpDoor {
  const { corridor, ids, clock, log } = options;
  const desk: PostDesk = {
    corridor,
    serverInfo: { name: 'lanyard', version: options.version },
    sessions: createActionSessions(ids, clock),
    mcpSessions: createMcpSessions(ids, clock),
  };
  const guard = createGuard(options.hosts);
  const inFlight = createInFlight(options.keepAliveMs ?? LIMITS.streamKeepAliveMs);
  let draining = false;

  const admit = (req: IncomingMessage): Admission => {
    if (draining) return refuseAdmission(null, problem('SHUTTING_DOWN'));
    const found = guard(req);
    if (found !== null) return refuseAdmission(null, found);
    const caller = corridor.authenticate(bearerOf(req), peerOf(req, options.behindProxy === true));
    if (!caller.ok) return refuseAdmission(null, caller.error);
    return admitCaller(req, caller.value, corridor);
  };
  return {
    matches: (url) => upstreamOf(url) !== undefined,
    handle(req, res) {
      const admission = admit(req);
      if (!admission.ok) {
        corridor.refused(admission.agent, admission.problem);
        refuseRequest(req, res, admission.problem);
        return;
      }
      if (req.method === 'DELETE') endSession(desk, admission, req, res);
      else receive(desk, admission, req, res, new Exchange(res, inFlight), log);
    },
    drain(withinMs = LIMITS.drainMs) {
      draining = true;
      return inFlight.drain(withinMs);
    },
  };
}

interface Admitted {
  readonly ok: true;
  readonly caller: Caller;
  readonly upstream: string | null;
}
type Admission = Admitted | { readonly ok: false; readonly agent: string | null; readonly problem: Problem };

function refuseAdmission(agent: string | null, found: Problem): Admission {
  return { ok: false, agent, problem: found };
}

/** Address and form of a request, once it is known whose it is. */
function admitCaller(req: IncomingMessage, caller: Caller, corridor: Corridor): Admission {
  const refuse = (found: Problem): Admission => refuseAdmission(caller.agent, found);
  const upstream = upstreamOf(req.url ?? '');
  if (upstream === undefined) return refuse(problem('NOT_FOUND'));
  if (upstream !== null && !corridor.upstreams().includes(upstream))
    return refuse(problem('UNKNOWN_UPSTREAM', { name: upstream }));
  if (req.method === 'POST') {
    const media = checkMedia(req);
    if (media !== null) return refuse(media);
  } else if (req.method !== 'DELETE') {
    // GET would open a stream for what servers send unasked, and there is nothing of that here: 2025-11-25 Transports
    // lets a server answer 405, and 2026-07-28 has no GET.
    return refuse(problem('METHOD_NOT_ALLOWED', { method: req.method ?? '' }));
  }
  return { ok: true, caller, upstream };
}

function receive(
  desk: PostDesk,
  admitted: Admitted,
  req: IncomingMessage,
  res: ServerResponse,
  exchange: Exchange,
  log: (line: string) => void,
): void {
  readBody(req, null, (read) => {
    if (read.kind === 'gone') return;
    if (read.kind === 'refused') {
      desk.corridor.refused(admitted.caller.agent, read.problem);
      if (read.cut) cutAfter(req, res);
      exchange.answer(answerProblem(null, read.problem, '2025'));
      return;
    }
    const post: Post = {
      caller: admitted.caller,
      upstream: admitted.upstream,
      headers: req.headers,
      distinctHeaders: () => req.headersDistinct,
    };
    takePost(desk, post, parseJson(read.bytes), exchange).catch((fault: unknown) => {
      log(`the MCP door failed on a request: ${describeFault(fault)}`);
      exchange.answer(answerBug());
    });
  });
}

function endSession(desk: PostDesk, admitted: Admitted, req: IncomingMessage, res: ServerResponse): void {
  const key = req.headers['mcp-session-id'];
  const { agent } = admitted.caller;
  const found =
    typeof key === 'string' ? desk.mcpSessions.find(admitted.caller, admitted.upstream, key) : null;
  if (found === null || !found.ok) {
    const refusal = found === null ? problem('SESSION_MISSING') : found.error;
    desk.corridor.refused(agent, refusal);
    refuseRequest(req, res, refusal);
    return;
  }
  desk.mcpSessions.end(found.value);
  req.resume();
  res.writeHead(204).end();
}

/** Answers a request whose body nobody wants: it is drained first, within bounds, so that the client can listen. */
function refuseRequest(req: IncomingMessage, res: ServerResponse, found: Problem): void {
  readBody(req, found, (read) => {
    if (read.kind === 'gone') return;
    if (read.kind === 'refused' && read.cut) cutAfter(req, res);
    writeJson(res, answerProblem(null, found, '2025'), refusalHeaders(found, req));
  });
}

function refusalHeaders(
  found: Problem,
  req: IncomingMessage,
): { readonly [name: string]: string } | undefined {
  const { http } = ERRORS[found.code];
  if (http === 401) {
    const invalid = found.code === 'TOKEN_REFUSED' ? ', error="invalid_token"' : '';
    return { 'WWW-Authenticate': `Bearer realm="lanyard"${invalid}` };
  }
  if (http === 405) return { Allow: 'POST, DELETE' };
  if (http === 429) return { 'Retry-After': '60' };
  if (found.code === 'SHUTTING_DOWN') return { Connection: 'close' };
  return req.httpVersion === '1.0' ? { Connection: 'close' } : undefined;
}

/** More is coming than we throw away for anybody: the answer is sent, then the connection goes. */
function cutAfter(req: IncomingMessage, res: ServerResponse): void {
  res.shouldKeepAlive = false;
  res.once('finish', () => req.socket.destroy());
}

function peerOf(req: IncomingMessage, behindProxy: boolean): string {
  const forwarded = behindProxy ? req.headers['x-forwarded-for'] : undefined;
  const last = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return last === undefined || last === '' ? (req.socket.remoteAddress ?? '') : last;
}
