import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { ok, type Result } from '../../../base/result.ts';
import type { Headers } from '../../../intake/headers.ts';
import { type CallerMeta, readAttempt, readCallerMeta } from '../../../intake/mcp.ts';
import type { RequestMessage } from '../../../intake/message.ts';
import { dispositionOf } from '../../../intake/methods.ts';
import { PROTOCOL_META } from '../../../intake/revision.ts';
import { isLogLevel, type LogLevel } from '../../../model/log-level.ts';
import { isTaskMethod, type TaskMethod } from '../../../model/task.ts';
import type { CallControl, Caller, Generation } from '../../../pipeline/ports/call.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import type { OpenListener } from '../../../pipeline/ports/listener.ts';
import type { ActionSessions } from '../../http/action-sessions.ts';
import { frameAnswer, isRefusal } from './answers.ts';
import type { Wanted } from './control.ts';
import { isListMethod, joinLists, LISTS, type ListMethod, listAll, pageOf } from './listing.ts';
import { checkParams } from './param-headers.ts';
import { type Route, route } from './route.ts';
import { frameAboutTasks, readAboutTasks } from './tasks.ts';
import { completeList, discoverResult, instructionsFor } from './welcome.ts';
import { type Answered, answerItems, answerProblem, answerResult, type RequestId } from './wire.ts';

/** What every request is answered with, over HTTP and stdio alike. */
export interface Desk {
  readonly corridor: Corridor;
  readonly sessions: ActionSessions;
  /** Requests of 2026-07-28 that listen; ended when the door drains. */
  readonly streams: Set<{ end(): void }>;
  /** `name` and `version` of this program. */
  readonly serverInfo: JsonObject;
}

/** Where a request came in. */
export interface Inbound {
  readonly caller: Caller;
  /** null on the common path of all upstreams. */
  readonly upstream: string | null;
  readonly generation: Generation;
  /** The session of its actions; null where each request says it (2026-07-28 over HTTP). */
  readonly session: string | null;
  /** Of 2026-07-28 over HTTP: what arguments mirrored into headers are compared with, each value by itself. */
  readonly headers: (() => Headers) | null;
  /** What a session of the older generation has set; absent in 2026-07-28. */
  readonly settings?: Settings;
  /** Where such a session is told of events. */
  readonly listener?: () => Result<OpenListener, Problem>;
}

/** What lasts for a session of the older generation. */
export interface Settings {
  /** The least severe log messages that it wants; undefined until it says so. */
  logLevel: LogLevel | undefined;
}

/** Makes what the corridor is given for one action; called once, when there is an action. */
type ControlFor = (wanted: Wanted) => CallControl;

/** Answers one request, except `initialize`, which belongs to whoever keeps the session. Never rejects. */
export function dispatch(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  controlFor: ControlFor,
): Promise<Answered> {
  const disposition = dispositionOf(message, 'client', inbound.generation);
  if (!disposition.ok) return Promise.resolve(refuse(desk, inbound, message.id, disposition.error));
  if (disposition.value === 'decided') return act(desk, inbound, message, controlFor);
  return answerOurselves(desk, inbound, message, controlFor);
}

async function answerOurselves(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  controlFor: ControlFor,
): Promise<Answered> {
  if (isTaskMethod(message.method)) return askAboutTasks(desk, inbound, message, message.method, controlFor);
  // An attempt is counted in the corridor, as each request about a task is.
  const tooMany = desk.corridor.look(inbound.caller);
  if (tooMany !== null) return refuse(desk, inbound, message.id, tooMany);
  if (isListMethod(message.method)) return list(desk, inbound, message, message.method);
  if (message.method === 'ping') return answerResult(message.id, {});
  if (message.method === 'server/discover') {
    const { corridor, serverInfo } = desk;
    const { caller, upstream, generation } = inbound;
    const instructions = await instructionsFor(corridor, caller, upstream, generation);
    const gone = corridor.gone(caller);
    if (gone !== null) return refuse(desk, inbound, message.id, gone);
    return answerResult(message.id, discoverResult(serverInfo, instructions));
  }
  if (message.method === 'resources/unsubscribe') return unsubscribe(desk, inbound, message);
  if (message.method === 'logging/setLevel' && inbound.settings !== undefined)
    return setLevel(desk, inbound, inbound.settings, message);
  return refuse(desk, inbound, message.id, problem('UNKNOWN_METHOD', { method: message.method }));
}

/** Ends the subscription. No error where there is none: either way nothing will be told. */
function unsubscribe(desk: Desk, inbound: Inbound, { id, params }: RequestMessage): Answered {
  const { uri } = params;
  if (typeof uri !== 'string')
    return refuse(desk, inbound, id, problem('BAD_PARAMS', { what: '"uri" is no string' }));
  const opened = inbound.listener?.();
  if (opened !== undefined && !opened.ok) return refuse(desk, inbound, id, opened.error);
  opened?.value.unsubscribe(uri);
  return answerResult(id, {});
}

/** The level is the session's own. The upstream hears of it with the session's next call. */
function setLevel(
  desk: Desk,
  inbound: Inbound,
  settings: Settings,
  { id, params }: RequestMessage,
): Answered {
  const halted = desk.corridor.whyNotNow(inbound.caller);
  if (halted !== null) return refuse(desk, inbound, id, halted);
  const { level } = params;
  if (!isLogLevel(level))
    return refuse(desk, inbound, id, problem('BAD_PARAMS', { what: '"level" is no level of log messages' }));
  settings.logLevel = level;
  return answerResult(id, {});
}

/** Counts a refusal and words it. Decisions and faults that come as problems are worded alike, and not counted. */
export function refuse(
  desk: Pick<Desk, 'corridor'>,
  inbound: Pick<Inbound, 'caller' | 'generation'>,
  id: RequestId | null,
  found: Problem,
  details?: JsonObject,
): Answered {
  if (isRefusal(found)) desk.corridor.refused(inbound.caller.agent, found);
  return answerProblem(id, found, inbound.generation, details);
}

async function act(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  controlFor: ControlFor,
): Promise<Answered> {
  const meta = readCallerMeta(message.meta);
  if (!meta.ok) return refuse(desk, inbound, message.id, meta.error);
  const routed: Result<Route, Problem> =
    inbound.upstream === null
      ? await route(desk.corridor, inbound, message)
      : ok({ upstream: inbound.upstream });
  if (!routed.ok) return refuse(desk, inbound, message.id, routed.error);
  const session = sessionOf(desk, inbound, meta.value);
  if (!session.ok) return refuse(desk, inbound, message.id, session.error);
  const { agent, token, ofRun } = inbound.caller;
  const older = inbound.generation === '2025';
  const attempt = readAttempt(message, {
    agent,
    token,
    ofRun,
    session: session.value.session,
    parent: session.value.parent,
    door: 'mcp',
    upstream: routed.value.upstream,
    name: routed.value.name,
    older,
  });
  if (!attempt.ok) return refuse(desk, inbound, message.id, attempt.error);
  if (inbound.headers !== null) {
    const mismatch = checkParams(desk.corridor, attempt.value, inbound.headers);
    if (mismatch !== null) return refuse(desk, inbound, message.id, mismatch);
  }
  const control = controlFor({ progressToken: meta.value.progressToken, log: logOf(inbound, message) });
  const opened = attempt.value.sentAs?.method === 'resources/subscribe' ? inbound.listener?.() : undefined;
  if (opened !== undefined && !opened.ok) return refuse(desk, inbound, message.id, opened.error);
  const answer =
    opened === undefined
      ? await desk.corridor.act(attempt.value, inbound.generation, control)
      : await opened.value.subscribe(attempt.value, String(message.params['uri']), control);
  const method = attempt.value.sentAs?.method ?? attempt.value.method;
  const given = message.params['name'];
  const called = typeof given === 'string' ? given : attempt.value.name;
  const isJoined = inbound.upstream === null;
  return frameAnswer({ id: message.id, method, generation: inbound.generation, called, isJoined }, answer);
}

async function askAboutTasks(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  method: TaskMethod,
  controlFor: ControlFor,
): Promise<Answered> {
  const { caller, upstream, generation } = inbound;
  const request = readAboutTasks(method, message, generation);
  if (!request.ok) return refuse(desk, inbound, message.id, request.error.problem, request.error.details);
  const meta = readCallerMeta(message.meta);
  if (!meta.ok) return refuse(desk, inbound, message.id, meta.error);
  const session = sessionOf(desk, inbound, meta.value);
  if (!session.ok) return refuse(desk, inbound, message.id, session.error);
  const who = { caller, upstream, generation, session: session.value.session };
  const answer = await desk.corridor.tasks(who, request.value, controlFor({}));
  const framed = frameAboutTasks(method, message, generation, answer);
  return framed.ok ? framed.value : refuse(desk, inbound, message.id, framed.error);
}

/**
 * 2026-07-28: log messages are told where the request asks for them ("MUST NOT" otherwise). The older generation is told
 * what a server sends, from the level that the session has set, if it has.
 */
function logOf({ generation, settings }: Inbound, { meta }: RequestMessage): Wanted['log'] {
  if (generation === '2025') return { level: settings?.logLevel };
  const level = meta[PROTOCOL_META.logLevel];
  return isLogLevel(level) ? { level } : undefined;
}

/** The session of an action, and the one that it works for. A session that the client names is always one of its own agent. */
export function sessionOf(
  desk: Desk,
  inbound: Inbound,
  meta: CallerMeta,
): Result<{ readonly session: string; readonly parent?: string }, Problem> {
  const own =
    inbound.session !== null
      ? ok(inbound.session)
      : meta.session === undefined
        ? ok(desk.sessions.ofToken(inbound.caller))
        : desk.sessions.named(inbound.caller, meta.session);
  if (!own.ok) return own;
  if (meta.parent === undefined) return ok({ session: own.value });
  const parent = desk.sessions.named(inbound.caller, meta.parent);
  return parent.ok ? ok({ session: own.value, parent: parent.value }) : parent;
}

async function list(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  method: ListMethod,
): Promise<Answered> {
  const definitions = await definitionsOf(desk.corridor, inbound, method);
  const gone = desk.corridor.gone(inbound.caller);
  if (gone !== null) return refuse(desk, inbound, message.id, gone);
  if (!definitions.ok) return refuse(desk, inbound, message.id, definitions.error);
  const page = pageOf(method, definitions.value, message.params);
  if (!page.ok) return refuse(desk, inbound, message.id, page.error);
  const { items, rest } = page.value;
  const complete = inbound.generation === '2026' ? completeList(rest, desk.serverInfo) : rest;
  return answerItems(message.id, LISTS[method], items, complete);
}

async function definitionsOf(
  corridor: Corridor,
  inbound: Inbound,
  method: ListMethod,
): Promise<Result<readonly JsonObject[], Problem>> {
  const { caller, upstream, generation } = inbound;
  const only = [LISTS[method]];
  if (upstream === null)
    return ok(joinLists(method, await listAll(corridor, caller, generation, 'known', only)));
  const listing = await corridor.listing(caller, upstream, generation, undefined, only);
  return listing.ok ? ok(listing.value[LISTS[method]]) : listing;
}
