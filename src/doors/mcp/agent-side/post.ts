import { type Problem, problem } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import { err, type Result } from '../../../base/result.ts';
import { readClientCan } from '../../../intake/client-capabilities.ts';
import { checkHeaders, type Headers, readRevision } from '../../../intake/headers.ts';
import {
  type ErrorMessage,
  type NotificationMessage,
  type RequestMessage,
  type ResultMessage,
  readMessage,
} from '../../../intake/message.ts';
import { dispositionOf } from '../../../intake/methods.ts';
import { readEnvelope } from '../../../intake/revision.ts';
import type { Caller, Generation } from '../../../pipeline/ports/call.ts';
import { type Desk, dispatch, type Inbound, refuse } from './dispatch.ts';
import type { Exchange, Resumable } from './exchange.ts';
import { listen } from './listen.ts';
import type { McpSession, McpSessions } from './mcp-sessions.ts';
import { prefersEvents } from './media.ts';
import { cancelRequest, checkRoom } from './requests.ts';
import { initializeResult, instructionsFor, negotiate, versionDetails } from './welcome.ts';
import { type Answered, answerResult, type RequestId } from './wire.ts';

export interface PostDesk extends Desk {
  readonly mcpSessions: McpSessions;
}

/** One POST whose sender is known, without its body. */
export interface Post {
  readonly caller: Caller;
  readonly upstream: string | null;
  /** By lower-case name; those that are decided by stand once (guard.ts). */
  readonly headers: Headers;
  /** Every value of every header by itself; computed when asked for. */
  readonly distinctHeaders: () => Headers;
}

const ACCEPTED: Answered = { status: 202, text: '' };
export const NOTHING_ASKED: Problem = problem('BAD_MESSAGE', {
  what: 'it is a response, and nothing was asked',
});

/** Takes the body of one POST, tells the generations apart, and answers. Rejects only for a bug. */
export async function takePost(
  desk: PostDesk,
  post: Post,
  body: Result<Json, Problem>,
  exchange: Exchange,
): Promise<void> {
  const message = body.ok ? readMessage(body.value) : body;
  if (!message.ok) return give(exchange, refusePost(desk, post, null, '2025', message.error));
  const { value } = message;
  const id = value.kind === 'request' ? value.id : null;
  const revision = readRevision(post.headers, value);
  if (!revision.ok) {
    const details = versionDetails(revision.error, value, post.headers['mcp-protocol-version']);
    return give(
      exchange,
      refuse(desk, { caller: post.caller, generation: '2026' }, id, revision.error, details),
    );
  }
  const { generation } = revision.value;
  if (id !== null) exchange.about(id);
  if (value.kind === 'result' || value.kind === 'error')
    return give(exchange, takeAnswer(desk, post, generation, value));
  if (generation === '2026') {
    if (value.kind === 'notification') return give(exchange, takeNotification(desk, post, value, generation));
    return give(exchange, await takeCurrent(desk, post, value, exchange));
  }
  const mismatch = checkHeaders(post.headers, value, generation);
  if (mismatch !== null) return give(exchange, refusePost(desk, post, id, generation, mismatch));
  if (value.kind === 'request' && value.method === 'initialize')
    return initialize(desk, post, value, exchange);
  const session = findSession(desk, post.caller, post.upstream, post.headers, revision.value.version);
  if (!session.ok) return give(exchange, refusePost(desk, post, id, generation, session.error));
  if (value.kind === 'notification') {
    if (value.method === 'notifications/cancelled') cancelRequest(session.value.running, value.params);
    return give(exchange, takeNotification(desk, post, value, generation));
  }
  return give(exchange, await takeOlder(desk, post, session.value, value, exchange));
}

function give(exchange: Exchange, answered: Answered): void {
  exchange.answer(answered);
}

function refusePost(
  desk: PostDesk,
  post: Post,
  id: RequestId | null,
  generation: Generation,
  found: Problem,
): Answered {
  return refuse(desk, { caller: post.caller, generation }, id, found);
}

/**
 * One that is not on the list, or refused there, is dropped and counted. It is accepted all the same: it asks for no
 * answer, and clients of both generations take an error for the end of the connection.
 */
function takeNotification(
  desk: PostDesk,
  post: Post,
  message: NotificationMessage,
  generation: Generation,
): Answered {
  const disposition = dispositionOf(message, 'client', generation);
  if (!disposition.ok) desk.corridor.refused(post.caller.agent, disposition.error);
  return ACCEPTED;
}

/** An answer to what was asked in this very session; anybody else's, and a second one, is refused. */
function takeAnswer(
  desk: PostDesk,
  post: Post,
  generation: Generation,
  answer: ResultMessage | ErrorMessage,
): Answered {
  const key = post.headers['mcp-session-id'];
  const session =
    typeof key === 'string' ? desk.mcpSessions.find(post.caller, post.upstream, key) : undefined;
  if (session?.ok === false) return refusePost(desk, post, null, generation, session.error);
  if (session?.value.asks.take(answer) === true) return ACCEPTED;
  return refusePost(desk, post, null, generation, NOTHING_ASKED);
}

async function takeCurrent(
  desk: PostDesk,
  post: Post,
  message: RequestMessage,
  exchange: Exchange,
): Promise<Answered> {
  const mismatch = checkHeaders(post.headers, message);
  if (mismatch !== null) return refusePost(desk, post, message.id, '2026', mismatch);
  const envelope = readEnvelope(message.meta);
  if (!envelope.ok) return refusePost(desk, post, message.id, '2026', envelope.error);
  const inbound: Inbound = {
    caller: post.caller,
    upstream: post.upstream,
    generation: '2026',
    session: null,
    headers: post.distinctHeaders,
  };
  if (message.method === 'subscriptions/listen') return listen(desk, inbound, message, exchange);
  const can = readClientCan(envelope.value.clientCapabilities);
  return dispatch(desk, inbound, message, (wanted) => exchange.control(wanted, { can }));
}

/**
 * The session that a message of the older generation names, if it is this agent's and this path's. It speaks one version,
 * and a header that says another is refused.
 */
export function findSession(
  desk: PostDesk,
  caller: Caller,
  upstream: string | null,
  headers: Headers,
  version: string | null,
): Result<McpSession, Problem> {
  const key = headers['mcp-session-id'];
  if (typeof key !== 'string') return err(problem('SESSION_MISSING'));
  const session = desk.mcpSessions.find(caller, upstream, key);
  if (!session.ok || version === null || version === session.value.version) return session;
  const what = `it says ${version}, this session speaks ${session.value.version}`;
  return err(problem('HEADER_MISMATCH', { header: 'mcp-protocol-version', what }));
}

function takeOlder(
  desk: PostDesk,
  post: Post,
  session: McpSession,
  message: RequestMessage,
  exchange: Exchange,
): Promise<Answered> {
  const { id } = message;
  const { running } = session;
  const room = checkRoom(running, id);
  if (!room.ok) return Promise.resolve(refusePost(desk, post, id, '2025', room.error));
  exchange.runIn(running, id, resumableIn(session, post.headers));
  const inbound: Inbound = {
    caller: post.caller,
    upstream: post.upstream,
    generation: '2025',
    session: session.actions,
    headers: null,
    settings: session.settings,
    listener: () => session.listener.open(post.caller),
  };
  return dispatch(desk, inbound, message, (wanted) => exchange.control(wanted, session));
}

/**
 * An event without data is for clients that say, with this very request, that they are of 2025-11-25: older SDKs take
 * it for a broken message.
 */
function resumableIn({ key, streams }: McpSession, headers: Headers): Resumable {
  const primes = headers['mcp-protocol-version'] === '2025-11-25';
  return { session: key, streams, primes, prefersStream: prefersEvents(headers['accept']) };
}

async function initialize(
  desk: PostDesk,
  post: Post,
  message: RequestMessage,
  exchange: Exchange,
): Promise<void> {
  const version = negotiate(message.params);
  if (!version.ok) return give(exchange, refusePost(desk, post, message.id, '2025', version.error));
  const tooMany = desk.corridor.look(post.caller);
  if (tooMany !== null) return give(exchange, refusePost(desk, post, message.id, '2025', tooMany));
  const can = readClientCan(message.params['capabilities']);
  const session = desk.mcpSessions.open(post.caller, post.upstream, version.value, can);
  if (!session.ok) return give(exchange, refusePost(desk, post, message.id, '2025', session.error));
  const header = { 'Mcp-Session-Id': session.value.key };
  exchange.headStream(header);
  const instructions = await instructionsFor(desk.corridor, post.caller, post.upstream, '2025');
  const gone = desk.corridor.gone(post.caller);
  if (gone !== null) {
    desk.mcpSessions.end(session.value);
    return give(exchange, refusePost(desk, post, message.id, '2025', gone));
  }
  const result = initializeResult(version.value, desk.serverInfo, instructions);
  exchange.answer(answerResult(message.id, result), header);
}
