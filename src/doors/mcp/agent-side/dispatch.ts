import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Headers } from '../../../intake/headers.ts';
import { type CallerMeta, readAttempt, readCallerMeta, splitName } from '../../../intake/mcp.ts';
import type { RequestMessage } from '../../../intake/message.ts';
import { dispositionOf } from '../../../intake/methods.ts';
import type { CallControl, Caller, Corridor, Generation } from '../../../pipeline/ports.ts';
import type { ActionSessions } from './action-sessions.ts';
import { frameAnswer, isRefusal } from './answers.ts';
import { isListMethod, joinLists, LISTS, type ListMethod, listAll, pageOf } from './listing.ts';
import { checkParams } from './param-headers.ts';
import { routeResource } from './resource-route.ts';
import { completeList, discoverResult, instructionsFor } from './welcome.ts';
import { type Answered, answerProblem, answerResult, type RequestId } from './wire.ts';

/** What every request is answered with, over HTTP and stdio alike. */
export interface Desk {
  readonly corridor: Corridor;
  readonly sessions: ActionSessions;
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
}

/** Makes what the corridor is given for one action; called once, when there is an action. */
export type ControlFor = (progressToken: RequestId | undefined) => CallControl;

/** Answers one request, except `initialize`, which belongs to whoever keeps the session. Never rejects. */
export async function dispatch(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  controlFor: ControlFor,
): Promise<Answered> {
  const disposition = dispositionOf(message, 'client', inbound.generation);
  if (!disposition.ok) return refuse(desk, inbound, message.id, disposition.error);
  if (disposition.value === 'decided') return act(desk, inbound, message, controlFor);
  if (isListMethod(message.method)) return list(desk, inbound, message, message.method);
  if (message.method === 'ping') return answerResult(message.id, {});
  if (message.method === 'server/discover') {
    const { corridor, serverInfo } = desk;
    const { caller, upstream, generation } = inbound;
    const instructions = await instructionsFor(corridor, caller, upstream, generation);
    return answerResult(message.id, discoverResult(serverInfo, instructions));
  }
  return refuse(desk, inbound, message.id, problem('UNKNOWN_METHOD', { method: message.method }));
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
  const routed =
    inbound.upstream === null ? await route(desk, inbound, message) : ok({ upstream: inbound.upstream });
  if (!routed.ok) return refuse(desk, inbound, message.id, routed.error);
  const session = sessionOf(desk, inbound, meta.value);
  if (!session.ok) return refuse(desk, inbound, message.id, session.error);
  const attempt = readAttempt(message, {
    agent: inbound.caller.agent,
    session: session.value,
    door: 'mcp',
    ...routed.value,
  });
  if (!attempt.ok) return refuse(desk, inbound, message.id, attempt.error);
  if (inbound.headers !== null) {
    const mismatch = checkParams(desk.corridor, attempt.value, inbound.headers);
    if (mismatch !== null) return refuse(desk, inbound, message.id, mismatch);
  }
  const control = controlFor(meta.value.progressToken);
  const answer = await desk.corridor.act(attempt.value, inbound.generation, control);
  const called =
    attempt.value.method === 'resources/read' ? attempt.value.name : String(message.params['name']);
  const { method } = attempt.value;
  return frameAnswer({ id: message.id, method, generation: inbound.generation, called }, answer);
}

function sessionOf(desk: Desk, inbound: Inbound, meta: CallerMeta): Result<string, Problem> {
  if (inbound.session !== null) return ok(inbound.session);
  return meta.session === undefined
    ? ok(desk.sessions.ofToken(inbound.caller))
    : desk.sessions.named(inbound.caller, meta.session);
}

/** On the common path: whose tool, prompt or resource is meant. */
async function route(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
): Promise<Result<{ readonly upstream: string; readonly name?: string }, Problem>> {
  const { corridor } = desk;
  if (message.method === 'resources/read') {
    const uri = message.params['uri'];
    if (typeof uri !== 'string') return err(problem('BAD_PARAMS', { what: '"uri" is no string' }));
    const owner = routeResource(uri, await listAll(corridor, inbound.caller, inbound.generation));
    return owner.ok ? ok({ upstream: owner.value }) : owner;
  }
  const name = message.params['name'];
  const what = message.method === 'tools/call' ? 'tool' : 'prompt';
  if (typeof name !== 'string') return err(problem('BAD_PARAMS', { what: '"name" is no string' }));
  // What joinName hides for its length is not to be had under that name either.
  const split = name.length > LIMITS.toolNameLength ? null : splitName(name);
  if (split === null || !corridor.upstreams().includes(split.upstream))
    return err(problem('UNKNOWN_OPERATION', { what, name }));
  return ok(split);
}

async function list(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  method: ListMethod,
): Promise<Answered> {
  const definitions = await definitionsOf(desk.corridor, inbound, method);
  if (!definitions.ok) return refuse(desk, inbound, message.id, definitions.error);
  const page = pageOf(method, definitions.value, message.params);
  if (!page.ok) return refuse(desk, inbound, message.id, page.error);
  const result = inbound.generation === '2026' ? completeList(page.value, desk.serverInfo) : page.value;
  return answerResult(message.id, result);
}

async function definitionsOf(
  corridor: Corridor,
  inbound: Inbound,
  method: ListMethod,
): Promise<Result<readonly JsonObject[], Problem>> {
  const { caller, upstream, generation } = inbound;
  if (upstream === null) return ok(joinLists(method, await listAll(corridor, caller, generation)));
  const listing = await corridor.listing(caller, upstream, generation);
  return listing.ok ? ok(listing.value[LISTS[method]]) : listing;
}
