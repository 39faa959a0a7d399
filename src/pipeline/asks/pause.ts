import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { readAskAnswer } from '../../intake/ask.ts';
import type { Action, Attempt } from '../../model/action.ts';
import type { ClientCan } from '../../model/ask.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { Answer } from '../ports/answer.ts';
import type { Reply } from '../ports/upstream.ts';
import { endCall } from '../recording/settle.ts';
import type { Rooms } from '../rooms.ts';
import { type Asked, admitAsk, closeAsk, rootsAnswer } from './ask.ts';
import type { Found, Pause } from './pauses.ts';

export type InputRequired = Extract<Reply, { readonly kind: 'input-required' }>;

/**
 * An upstream that asks for input first (2026-07-28): each request is an action of its own, decided and recorded like what
 * an older upstream asks in the middle of a call. One that is denied ends the call, and nothing of any reaches the client.
 */
export async function pause(
  rooms: Rooms,
  action: Action,
  { requests, state }: InputRequired,
  can: ClientCan,
  round: number,
): Promise<Answer> {
  const { upstream, agent } = action;
  const full = noRoomFor(rooms, agent, upstream, round);
  if (full !== null) return endCall(rooms, action, full);
  const admitted = await admitAll(rooms, action, requests, can, round);
  if (!admitted.ok) return endCall(rooms, action, admitted.error);
  const asked = admitted.value;
  const fault = (error: unknown) => rooms.report(`the end of a paused call met a fault: ${String(error)}`);
  const shownTo = shownOf(asked, can);
  return awaitClient(rooms, { action, asked, round }, { requests: shownTo, state }, (why, shown) =>
    closeAll(rooms, asked, shown ? why : problem('ABORTED', { upstream }))
      .catch(fault)
      .then(() => endCall(rooms, action, why)),
  );
}

/** Keeps a call until its client goes on with it, and answers what it is asked; `end` ends it where that cannot be. */
export async function awaitClient(
  rooms: Rooms,
  pause: Pause,
  { requests, state }: Pick<InputRequired, 'requests' | 'state'>,
  end: (why: Problem, shown: boolean) => Promise<Answer>,
): Promise<Answer> {
  const { action, round } = pause;
  const { upstream, agent } = action;
  // Looked at in the tick in which the client is asked; a stop from now on ends the pause.
  const over = () => (whyNotNow(rooms, agent, action) === null ? null : problem('STOPPED'));
  const why = over() ?? noRoomFor(rooms, agent, upstream, round);
  if (why !== null) return end(why, false);
  const sealed = rooms.pauses.hold(pause, state, rooms.clock.now(), {
    listen: (heard) => rooms.halt.listen(heard),
    over,
    end: (reason) =>
      void end(reason, true).catch((error) =>
        rooms.report(`the end of a paused call met a fault: ${String(error)}`),
      ),
  });
  return { kind: 'input-required', action: action.id, requests, state: sealed };
}

function noRoomFor(rooms: Rooms, agent: string, upstream: string, round: number): Problem | null {
  if (round > LIMITS.roundsPerCall) return problem('TOO_MANY_ASKS', { upstream, limit: LIMITS.asksPerCall });
  return rooms.pauses.isFull(agent)
    ? problem('TOO_MANY_PAUSES', { upstream, limit: LIMITS.pausesPerAgent })
    : null;
}

/** Decides all that is asked for at once, by key. A Problem: one is denied, or they are too many, and the client hears of none. */
export async function admitAll(
  rooms: Rooms,
  action: Action,
  requests: JsonObject,
  can: ClientCan,
  round: number,
): Promise<Result<ReadonlyMap<string, Asked>, Problem>> {
  const { upstream } = action;
  if (round > LIMITS.roundsPerCall || Object.keys(requests).length > LIMITS.asksPerCall)
    return err(problem('TOO_MANY_ASKS', { upstream, limit: LIMITS.asksPerCall }));
  const asked = new Map<string, Asked>();
  for (const [key, request] of Object.entries(requests)) {
    const admitted = await admitOne(rooms, action, can, key, request);
    if (!admitted.ok) {
      await closeAll(rooms, asked, problem('ABORTED', { upstream }));
      return admitted;
    }
    asked.set(key, admitted.value);
  }
  return ok(asked);
}

export function admitOne(
  rooms: Rooms,
  action: Action,
  can: ClientCan,
  key: string,
  request: Json,
): Promise<Result<Asked, Problem>> {
  const { method, params } = isJsonObject(request) ? request : {};
  const from = action.upstream;
  // A key goes to the client and comes back as it is, so one that holds a secret cannot be used.
  if (typeof method !== 'string' || rooms.scrubber.scrub(key) !== key)
    return Promise.resolve(err(problem('ASK_UNREADABLE', { upstream: from, what: 'cannot be read' })));
  return admitAsk(rooms, action, can, method, isJsonObject(params) ? params : {});
}

/**
 * What the client is asked. Roots are answered from the configuration: a client that has some is asked, as the protocol has
 * it, and what it says of its own goes nowhere.
 */
export function shownOf(asked: ReadonlyMap<string, Asked>, can: ClientCan): JsonObject {
  const shown: Record<string, Json> = {};
  for (const [key, { ask }] of asked)
    if (ask.method !== 'roots/list' || can.roots)
      setKey(shown, key, { method: ask.method, params: ask.params });
  return shown;
}

/** Answers that came with the call itself: where they answer all that is asked, it goes on as if its client had come back. */
export function takenAhead(
  rooms: Rooms,
  answer: Answer,
  { offers, ...attempt }: Attempt,
): { readonly found: Found; readonly attempt: Attempt } | null {
  if (answer.kind !== 'input-required' || offers === undefined) return null;
  const continues = { state: answer.state, responses: offers };
  const found = rooms.pauses.find(attempt, continues, rooms.clock.now());
  if (!found.ok) return null;
  const own = [...found.value.pause.asked].filter(([, { ask }]) => ask.method !== 'roots/list');
  const isAnswered = own.every(
    ([key, { ask }]) => Object.hasOwn(offers, key) && readAskAnswer(ask.method, offers[key]).ok,
  );
  return own.length > 0 && isAnswered ? { found: found.value, attempt: { ...attempt, continues } } : null;
}

async function closeAll(rooms: Rooms, asked: ReadonlyMap<string, Asked>, why: Problem): Promise<void> {
  for (const one of asked.values()) await closeAsk(rooms, one, err(why));
}

/** All that the upstream is to be told: the client's answers, read anew, and the roots. What answers nothing is left out. */
export function readResponses(
  rooms: Rooms,
  { asked }: Pause,
  given: JsonObject,
): Result<JsonObject, Problem> {
  const read: Record<string, Json> = {};
  for (const [key, { ask, action }] of asked) {
    if (ask.method === 'roots/list') {
      setKey(read, key, rootsAnswer(rooms.inForce().upstreams.get(action.upstream)?.place.roots ?? []));
    } else if (Object.hasOwn(given, key)) {
      const answer = readAskAnswer(ask.method, given[key]);
      if (!answer.ok) return err(problem('BAD_PARAMS', { what: `"inputResponses.${key}" ${answer.error}` }));
      setKey(read, key, answer.value);
    }
  }
  return ok(read);
}

/** Ends what was asked with what was answered. */
export async function closeAsked(rooms: Rooms, { asked }: Pause, responses: JsonObject): Promise<void> {
  for (const [key, one] of asked) {
    const answer = responses[key];
    await closeAsk(rooms, one, isJsonObject(answer) ? ok(answer) : err(problem('ASK_UNANSWERED')));
  }
}
