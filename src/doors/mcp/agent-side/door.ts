import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import { describeFault } from '../../../base/error-text.ts';
import { type Problem, problem } from '../../../base/errors.ts';
import type { Ids } from '../../../base/ids.ts';
import { parseJson } from '../../../base/json-text.ts';
import { LIMITS } from '../../../base/limits.ts';
import { isSupported } from '../../../intake/revision.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import { createActionSessions } from '../../http/action-sessions.ts';
import { Arriving, readBody } from '../../http/body.ts';
import { createInFlight, type InFlight } from '../../http/in-flight.ts';
import { refusalHeaders } from '../../http/refusal-headers.ts';
import { writeJson } from '../../http/write-json.ts';
import { type Admitted, createAdmission, refuseAdmission, upstreamOf } from './admission.ts';
import { Exchange } from './exchange.ts';
import { createMcpSessions } from './mcp-sessions.ts';
import { acceptsEvents } from './media.ts';
import { findSession, type Post, type PostDesk, takePost } from './post.ts';
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
  /** For tests; LIMITS.streamLingerMs otherwise. */
  readonly lingerMs?: number;
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
    streams: new Set(),
    mcpSessions: createMcpSessions(corridor, ids, clock, options.lingerMs),
  };
  const inFlight = createInFlight(options.keepAliveMs ?? LIMITS.streamKeepAliveMs);
  const arriving = new Arriving();
  let draining = false;

  const admit = createAdmission(corridor, options.hosts, options.behindProxy === true);
  const receive = (admitted: Admitted, req: IncomingMessage, res: ServerResponse): void => {
    const refuseNow = (found: Problem, cut: boolean): void => {
      corridor.refused(admitted.caller.agent, found);
      giveRefusal(req, res, found, cut);
    };
    readBody(req, arriving, admitted.caller.agent, (read) => {
      if (read.kind === 'gone') return;
      if (read.kind === 'refused') return refuseNow(read.problem, read.cut);
      if (draining) return refuseNow(problem('SHUTTING_DOWN'), false);
      const gone = corridor.gone(admitted.caller);
      if (gone !== null) return refuseNow(gone, false);
      const { caller, upstream } = admitted;
      const post: Post = {
        caller,
        upstream,
        headers: req.headers,
        distinctHeaders: () => req.headersDistinct,
      };
      const exchange = new Exchange(res, inFlight);
      takePost(desk, post, parseJson(read.bytes), exchange).catch((fault: unknown) => {
        log(`the MCP door failed on a request: ${describeFault(fault)}`);
        exchange.answer(answerProblem(null, problem('INTERNAL'), '2025'));
      });
    });
  };
  const take = (req: IncomingMessage, res: ServerResponse): void => {
    const admission = draining ? refuseAdmission(null, problem('SHUTTING_DOWN')) : admit(req);
    if (admission.ok && req.method === 'POST') {
      receive(admission, req, res);
      return;
    }
    const agent = admission.ok ? admission.caller.agent : admission.agent;
    const found = admission.ok ? takeBodiless(desk, admission, req, res, inFlight) : admission.problem;
    if (found === null) return;
    if (admission.ok || !isStreamOffer(req, agent)) corridor.refused(agent, found);
    refuseRequest(req, arriving, res, found);
  };
  return {
    matches: (url) => upstreamOf(url) !== undefined,
    handle(req, res) {
      try {
        take(req, res);
      } catch (fault) {
        log(`the MCP door failed on a request: ${describeFault(fault)}`);
        refuseRequest(req, arriving, res, problem('INTERNAL'));
      }
    },
    drain(withinMs = LIMITS.drainMs) {
      draining = true;
      endStreams(desk);
      return inFlight.drain(withinMs);
    },
  };
}

function endStreams(desk: PostDesk): void {
  for (const stream of [...desk.streams]) stream.end();
  desk.mcpSessions.closeStreams();
}

/** GET and DELETE. Null when it was done. */
function takeBodiless(
  desk: PostDesk,
  admitted: Admitted,
  req: IncomingMessage,
  res: ServerResponse,
  inFlight: InFlight,
): Problem | null {
  if (req.method === 'GET') return openEvents(desk, admitted, req, res, inFlight);
  const found = endSession(desk, admitted, req);
  if (found !== null) return found;
  req.resume();
  res.writeHead(204).end();
  return null;
}

/** What the header says, where it is a version of ours; any other says nothing here, as for a POST. */
function versionOf({ headers }: IncomingMessage): string | null {
  const named = headers['mcp-protocol-version'];
  return typeof named === 'string' && isSupported(named) ? named : null;
}

/**
 * GET: the stream of what a session of the older generation is told unasked; with the id of an event of the answer to one
 * of its POSTs, that answer. Null when it is open.
 */
function openEvents(
  desk: PostDesk,
  { caller, upstream }: Admitted,
  req: IncomingMessage,
  res: ServerResponse,
  inFlight: InFlight,
): Problem | null {
  if (!acceptsEvents(req.headers.accept)) return problem('NOT_ACCEPTABLE');
  const session = findSession(desk, caller, upstream, req.headers, versionOf(req));
  if (!session.ok) return session.error;
  const { listener, events, key, streams } = session.value;
  const given = req.headers['last-event-id'];
  const lastEventId = typeof given === 'string' ? given : undefined;
  const answering = lastEventId === undefined ? null : streams.find(key, lastEventId);
  if (answering !== null) {
    req.resume();
    return answering.open(res, inFlight, lastEventId);
  }
  const opened = listener.open(caller);
  if (!opened.ok) return opened.error;
  req.resume();
  return events.open(res, inFlight, lastEventId);
}

/**
 * A GET outside of a session is answered with 405, which clients take for "no stream here" (2025-11-25 Transports,
 * "Listening for Messages from the Server"); asking is no offence.
 */
function isStreamOffer(req: IncomingMessage, agent: string | null): boolean {
  return req.method === 'GET' && agent !== null;
}

/** DELETE: the session is over, and what runs in it is aborted. Null when it was done. */
function endSession(desk: PostDesk, admitted: Admitted, req: IncomingMessage): Problem | null {
  const session = findSession(desk, admitted.caller, admitted.upstream, req.headers, null);
  if (!session.ok) return session.error;
  desk.mcpSessions.end(session.value);
  return null;
}

/** Answers a request whose body nobody wants: it is drained first, within bounds, so that the client can listen. */
function refuseRequest(req: IncomingMessage, arriving: Arriving, res: ServerResponse, found: Problem): void {
  readBody(req, arriving, found, (read) => {
    if (read.kind !== 'gone') giveRefusal(req, res, found, read.kind === 'refused' && read.cut);
  });
}

/** With `cut`, more is coming than we throw away for anybody: the answer is sent, then the connection goes. */
function giveRefusal(req: IncomingMessage, res: ServerResponse, found: Problem, cut: boolean): void {
  if (cut) {
    res.shouldKeepAlive = false;
    res.once('finish', () => req.socket.destroy());
  }
  writeJson(res, answerProblem(null, found, '2025'), refusalHeaders(found, req));
}
