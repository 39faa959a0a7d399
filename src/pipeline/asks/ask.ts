import { basename } from 'node:path';
import { abortSignalOf, type CancelSignal } from '../../base/cancel.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { fileUriOf } from '../../catalog/targets/path.ts';
import { readAsk, readAskAnswer } from '../../intake/ask.ts';
import type { Action, Attempt } from '../../model/action.ts';
import { type Ask, type AskMethod, askKindOf, type ClientCan, isAskMethod } from '../../model/ask.ts';
import type { Outcome } from '../../model/outcome.ts';
import { decide } from '../action/decide.ts';
import { carryOutTrip } from '../action/trip.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { InForce } from '../in-force.ts';
import type { Said } from '../ports/answer.ts';
import type { AskReply } from '../ports/upstream.ts';
import { cleanTexts, labelled } from '../recording/ask-text.ts';
import { recordAllowed, recordDenied } from '../recording/recorded.ts';
import { scrubJson } from '../recording/scrub.ts';
import { recordOutcome } from '../recording/settle.ts';
import type { Rooms } from '../rooms.ts';
import { ASKED_FOR, prepareAsk } from './prepare-ask.ts';

/** One ask that was allowed and is recorded so: what the client is given, and the action whose end is to be recorded. */
export interface Asked {
  readonly action: Action;
  readonly ask: Ask;
  readonly inForce: InForce;
}

/**
 * What an upstream asks in the middle of `parent` is an action of its own: read anew, decided by the rules in force now,
 * and recorded before anybody hears of it. A Problem: it was denied, and that is recorded.
 */
export async function admitAsk(
  rooms: Rooms,
  parent: Action,
  can: ClientCan,
  method: string,
  params: JsonObject,
): Promise<Result<Asked, Problem>> {
  const inForce = rooms.inForce();
  const agent = inForce.agents.get(parent.agent);
  const upstream = inForce.upstreams.get(parent.upstream);
  if (agent === undefined || upstream === undefined) return err(problem('TOKEN_REFUSED'));
  if (!isAskMethod(method)) return err(problem('METHOD_REFUSED', { method }));
  const read = readAsk(method, cleanTexts(scrubJson(rooms.scrubber, params)));
  const attempt = attemptOf(parent, method, read.ok ? read.value.params : {});
  const prepared = prepareAsk(rooms, agent, upstream, attempt, method);
  const blocked =
    prepared.blocked ??
    (read.ok
      ? unsupported(parent.upstream, read.value, can)
      : problem('ASK_UNREADABLE', { upstream: parent.upstream, what: read.error }));
  const decision = decide(rooms, inForce, { ...prepared, blocked });
  const { action, brings } = prepared;
  if (decision.decision !== 'allow') {
    const recorded = recordDenied(rooms, { action, decision, inForce });
    carryOutTrip(rooms, action, decision);
    await recorded;
    return err({ code: decision.code ?? 'DECISION_FAILED', sentence: rooms.scrubber.scrub(decision.reason) });
  }
  rooms.marks.expect(action.id, action, brings);
  const unrecorded = await recordAllowed(rooms, { action, decision, inForce, brings, drafts: [] });
  if (unrecorded !== null) rooms.marks.end(action.id, false, rooms.clock.now());
  if (unrecorded !== null) return err(unrecorded);
  const { host, ...shown } = action.arguments;
  const ask = { method, params: shown };
  const named = labelled(parent.upstream, ask, typeof host === 'string' ? host : undefined);
  return ok({ action, ask: { method, params: named }, inForce });
}

function attemptOf(parent: Action, method: AskMethod, args: JsonObject): Attempt {
  const { agent, session, token, door, upstream, id } = parent;
  const works = parent.parent === undefined ? {} : { parent: parent.parent };
  return { agent, session, ...works, token, door, upstream, method, name: '', arguments: args, during: id };
}

function unsupported(upstream: string, { method, params }: Ask, can: ClientCan): Problem | null {
  const what = ASKED_FOR[askKindOf(method)];
  const isAble = {
    'elicitation/create': params['mode'] === 'url' ? can.url : can.form,
    'sampling/createMessage': can.sampling && (params['tools'] === undefined || can.samplingTools),
    // Roots are answered from the configuration, so no client needs to know of them.
    'roots/list': true,
  }[method];
  return isAble ? null : problem('ASK_UNSUPPORTED', { upstream, what });
}

/** The directories that the upstream serves, by its configuration. What a client would say of its own does not count. */
export function rootsAnswer(roots: readonly string[]): JsonObject {
  return { roots: roots.map((root) => ({ uri: fileUriOf(root), name: basename(root) })) };
}

/** Puts one ask to the client, and brings its answer back to the upstream. Never rejects. */
export async function relayAsk(
  rooms: Rooms,
  parent: Action,
  client: { readonly can: ClientCan; ask(ask: Asked, signal: AbortSignal): Promise<Said> },
  what: { readonly method: string; readonly params: JsonObject; readonly signal: AbortSignal },
): Promise<AskReply> {
  const admitted = await admitAsk(rooms, parent, client.can, what.method, what.params);
  if (!admitted.ok) return { kind: 'refused', problem: admitted.error };
  const asked = admitted.value;
  const admit = () => whyNotNow(rooms, parent.agent, parent);
  if (asked.ask.method === 'roots/list') return answerRoots(rooms, asked, admit);

  const deadline = askDeadline(rooms, parent, what.signal);
  // Looked at in the tick in which the client is asked; a stop from now on ends the asking.
  const said = admit() === null ? await client.ask(asked, deadline.signal) : ({ kind: 'gone' } as const);
  deadline.end();
  const answered = readSaid(asked.ask.method, said, admit() !== null);
  const unrecorded = await closeAsk(rooms, asked, answered);
  if (unrecorded !== null) return { kind: 'refused', problem: unrecorded };
  if (!answered.ok) return { kind: 'refused', problem: answered.error };
  const result = answered.value;
  const tell = said.kind === 'result' && result['action'] === 'accept' ? said.completed : undefined;
  if (tell === undefined) return { kind: 'answer', result, admit };
  const completed = () => {
    // Nothing is told during a stop.
    if (admit() === null) tell();
  };
  return { kind: 'answer', result, admit, completed };
}

/** How long a client is waited for: LIMITS.askMs, or until a stop lands or `signal` says so. */
export function askDeadline(
  rooms: Rooms,
  action: Action,
  signal: CancelSignal,
): { readonly signal: AbortSignal; readonly expire: () => void; readonly end: () => void } {
  const deadline = new AbortController();
  const expire = () => deadline.abort();
  const timer = setTimeout(expire, LIMITS.askMs);
  const unlisten = rooms.halt.listen(() => {
    if (whyNotNow(rooms, action.agent, action) !== null) expire();
  });
  const end = () => {
    clearTimeout(timer);
    unlisten();
  };
  return { signal: AbortSignal.any([abortSignalOf(signal), deadline.signal]), expire, end };
}

async function answerRoots(rooms: Rooms, asked: Asked, admit: () => Problem | null): Promise<AskReply> {
  const roots = asked.inForce.upstreams.get(asked.action.upstream)?.place.roots ?? [];
  const result = rootsAnswer(roots);
  const unrecorded = await closeAsk(rooms, asked, ok(result));
  return unrecorded === null ? { kind: 'answer', result, admit } : { kind: 'refused', problem: unrecorded };
}

/** What came of asking: the client's answer, or why there is none. */
export function readSaid(method: AskMethod, said: Said, stopped: boolean): Result<JsonObject, Problem> {
  const what = ASKED_FOR[askKindOf(method)];
  switch (said.kind) {
    case 'gone':
      return err(problem(stopped ? 'STOPPED' : 'ASK_UNANSWERED'));
    case 'error':
      return err(problem('ASK_FAILED', { what, why: said.error.message }));
    case 'result': {
      const answer = readAskAnswer(method, said.result);
      return answer.ok ? answer : err(problem('ASK_FAILED', { what, why: `it ${answer.error}` }));
    }
  }
}

/** Records how an ask ended, with what was answered beside the log. A Problem: that could not be recorded. */
export function closeAsk(
  rooms: Rooms,
  { action, inForce }: Asked,
  answered: Result<JsonObject, Problem>,
): Promise<Problem | null> {
  if (answered.ok) {
    const text = JSON.stringify(scrubJson(rooms.scrubber, answered.value));
    const said = answered.value['action'];
    const answer = typeof said === 'string' ? { answer: said } : {};
    return recordOutcome(rooms, action, { outcome: 'ok', ...answer }, text, inForce);
  }
  const { code } = answered.error;
  const how = code === 'ASK_FAILED' ? 'failed' : code === 'ABORTED' ? 'aborted' : 'unknown';
  const outcome: Outcome = { outcome: how, code };
  return recordOutcome(rooms, action, outcome, null, inForce);
}
