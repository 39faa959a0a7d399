import { canonicalize } from '../base/canonical.ts';
import { problem } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { Attempt } from '../model/action.ts';
import { CAN_NOTHING } from '../model/ask.ts';
import { decide, denied } from './action/decide.ts';
import { executeControl } from './action/execute-control.ts';
import { type Prepared, prepare } from './action/prepare.ts';
import { execute, openSession, orderOf } from './action/sending.ts';
import { type Subject, subjectOf } from './action/subject.ts';
import { carryOutTrip } from './action/trip.ts';
import { tokenRefusal, whyNotSent } from './action/why-not-now.ts';
import { type Discharged, stillApproved, withdrawn } from './approval/discharge.ts';
import { useYes } from './approval/grant-use.ts';
import { approvalNamed, type Hold, holdOf, type Version } from './approval/hold.ts';
import { checkIdempotency, checkNamed, review, tellEdited } from './approval/review.ts';
import { versionReading } from './approval/version-reading.ts';
import { askOlder, type Heard } from './asks/ask-older.ts';
import { HeldCall, mayHold } from './asks/held-call.ts';
import { answerHeld, goOnHeld } from './asks/held-round.ts';
import { closeAsked, endCall, pause, readResponses, recordContinued, takenAhead } from './asks/pause.ts';
import { differenceOf, type Found } from './asks/pauses.ts';
import type { InForce } from './in-force.ts';
import { issuePass } from './pass.ts';
import type { Answer, CallControl, Generation, Reply, UpstreamSession } from './ports.ts';
import { deny, dropEdited, endDenied, endFaulty, refuse } from './recording/ends.ts';
import { beginAllowed, goesInstead, neverMind, recordAllowed } from './recording/recorded.ts';
import { settle } from './recording/settle.ts';
import type { Rooms } from './rooms.ts';
import { type Walk, waitAsTask } from './tasks/held-task.ts';
import { beginTask, roomForTask, taskTerms } from './tasks/task-begin.ts';
import { decideTask, updateOrder } from './tasks/task-go-on.ts';
import type { GoOn } from './tasks/task-run.ts';

/** One request as the door hands it in. */
export interface Arrived {
  readonly attempt: Attempt;
  readonly generation: Generation;
  readonly control: CallControl;
}

/**
 * The corridor: the order of one action, and the only way to make something happen. Every door uses it.
 *
 *   admitted? ─▶ prepare ─▶ decide ─▶ session ─▶ RECORD ─▶ pass ─▶ execute (halted? in the tick of the first byte) ─▶ RECORD ─▶ answer
 *
 * It never rejects: whatever goes wrong on the way to a decision is a denial with a code (P2), and whatever goes wrong
 * after the first byte is an outcome (P7). An upstream that asks for input first pauses the action, and `goOn` takes it up.
 */
export async function act(
  rooms: Rooms,
  attempt: Attempt,
  generation: Generation,
  control: CallControl,
): Promise<Answer> {
  const overLimit = rooms.admission.enter(attempt.agent);
  if (overLimit !== null) return refuse(rooms, attempt, overLimit);
  try {
    return await walk(rooms, attempt, generation, control);
  } catch (error) {
    rooms.report(
      `an action of ${attempt.agent} met a fault: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return refuse(rooms, attempt, problem('INTERNAL'));
  } finally {
    rooms.admission.leave(attempt.agent);
  }
}

async function walk(
  rooms: Rooms,
  attempt: Attempt,
  generation: Generation,
  control: CallControl,
  hold: Hold = holdOf(rooms, attempt, generation, control),
): Promise<Answer> {
  const arrived = { attempt, generation, control };
  const { continues } = attempt;
  const isPaused = continues !== undefined && approvalNamed(attempt) === null;
  const found = isPaused ? rooms.pauses.find(attempt, continues, rooms.clock.now()) : null;
  if (found?.ok === false) return refuse(rooms, attempt, found.error);
  if (found !== null) {
    const prepared = prepare(rooms, rooms.inForce(), attempt, generation);
    if (prepared.kind === 'refused') return refuse(rooms, attempt, prepared.problem);
    return goOn(rooms, rooms.inForce(), prepared, found.value, arrived);
  }
  // Decided anew whenever something moved while a person was waited for.
  for (let turn = 0; turn < LIMITS.approvalTurns; turn++) {
    const answer = await stride(rooms, arrived, hold);
    if (answer !== null) return answer;
  }
  return refuse(rooms, attempt, problem('BUSY'));
}

/** How a call that waits as a task goes on, be it after a restart. */
export function walkOn(rooms: Rooms): Walk {
  return ({ attempt, generation, control }, hold) => walk(rooms, attempt, generation, control, hold);
}

/** One walk from the attempt to its answer; null: something moved on the way, and it begins anew. */
async function stride(rooms: Rooms, arrived: Arrived, hold: Hold): Promise<Answer | null> {
  const { attempt, generation } = arrived;
  const gone = tokenRefusal(rooms, attempt);
  if (gone !== null) return refuse(rooms, attempt, gone);
  const inForce = rooms.inForce();
  const subject = subjectOf(rooms, inForce, attempt, generation);
  if (subject.kind === 'refused') return refuse(rooms, attempt, subject.problem);
  if (subject.kind === 'unfit') return dropEdited(rooms, subject.kept);
  const { prepared, open } = subject;
  const refusal = checkNamed(rooms, attempt, subject) ?? checkIdempotency(rooms, attempt, open);
  const wrong = refusal ?? roomForTask(rooms, attempt);
  if (wrong !== null) return refuse(rooms, attempt, wrong);

  const decision = decide(rooms, inForce, prepared);
  const ready = { kind: 'discharged', inForce, subject, decision, drafts: [] } as const;
  if (decision.decision === 'deny') return deny(rooms, prepared.action, decision, inForce);
  if (decision.decision === 'allow') {
    // What a person edited runs only with a yes.
    if (open?.edited !== undefined) return dropEdited(rooms, open);
    return await run(rooms, arrived, ready, async () => ({ ...ready, drafts: withdrawn(rooms, open) }));
  }
  const version = versionOf(rooms, inForce, prepared, arrived);
  const reviewed = await review(rooms, inForce, subject, decision, hold, version);
  switch (reviewed.kind) {
    case 'again':
      return null;
    case 'answer':
      return reviewed.answer;
    case 'as-task':
      return waitAsTask(rooms, arrived, prepared, reviewed.kept, walkOn(rooms));
    case 'deny':
      return deny(rooms, prepared.action, reviewed.decision, inForce);
    case 'granted':
    case 'approved': {
      const decideNow = (now: InForce, again: Subject) => decide(rooms, now, again.prepared);
      const clear = () => useYes(rooms, reviewed, hold, decideNow, version);
      const answer = await run(rooms, arrived, ready, clear);
      return answer === null || reviewed.kind === 'granted' ? answer : tellEdited(answer, reviewed.kept);
    }
  }
}

/** From the open way to the upstream to the record of the allow. `clear` has the last word, once that way is open; null as above. */
async function run(
  rooms: Rooms,
  arrived: Arrived,
  { inForce, subject, decision }: Discharged,
  clear: () => Promise<Discharged | { readonly kind: 'again' }>,
): Promise<Answer | null> {
  const { attempt, generation } = arrived;
  // A person may have been waited for meanwhile: what a token asked for ends with it, and her yes is not used up.
  const gone = tokenRefusal(rooms, attempt);
  if (gone !== null) return refuse(rooms, attempt, gone);
  let { action } = subject.prepared;
  beginAllowed(rooms, inForce, subject.prepared, decision);
  try {
    const session = await openSession(rooms, action, generation);
    if (!session.ok)
      return await deny(rooms, action, { ...denied(session.error), marks: decision.marks ?? [] }, inForce);
    const cleared = await clear();
    if (cleared.kind === 'again') {
      neverMind(rooms, action);
      return null;
    }
    const { prepared } = cleared.subject;
    if (prepared.action.id !== action.id) goesInstead(rooms, action, prepared);
    action = prepared.action;
    const { brings } = prepared;
    const unrecorded = await recordAllowed(rooms, { ...cleared, action, brings });
    // Not awaited here: a fault from now on is an outcome, and told as one where it happens.
    if (unrecorded === null) return carryOut(rooms, arrived, cleared.inForce, prepared, session.value);
    neverMind(rooms, action);
    return { kind: 'denied', action: action.id, decision: denied(unrecorded) };
  } catch (error) {
    neverMind(rooms, action);
    throw error;
  }
}

/** The allow is durable: a pass is made, and the order goes up with it. From here on every fault is an outcome (P7). */
async function carryOut(
  rooms: Rooms,
  arrived: Arrived,
  inForce: InForce,
  { action, brings }: Prepared,
  session: UpstreamSession,
): Promise<Answer> {
  const { generation, control } = arrived;
  let held: HeldCall | undefined;
  try {
    const pass = issuePass(action.digest, () => whyNotSent(rooms, action));
    const order = orderOf(action);
    const tasks = taskTerms(rooms, action, generation, control);
    const isTask = session.runsAsTask(order, tasks);
    if (!isTask && mayHold(session, generation, order.method, control)) {
      held = new HeldCall(rooms, inForce, { action, session, control });
      const controlOfAll = executeControl(rooms, action, held.control, held);
      held.run(execute(rooms, { session, action, order, pass }, controlOfAll));
      return await answerHeld(rooms, held, control, 1);
    }
    const onTheWay = { ...executeControl(rooms, action, control), tasks };
    const reply = await execute(rooms, { session, action, order, pass }, onTheWay);
    return await finish(rooms, inForce, { action, brings }, reply, { ...arrived, round: 1 });
  } catch (error) {
    return endFaulty(rooms, action, error, held);
  }
}

/**
 * The target's version, where the catalog says how it is read: an action of its own, of the same agent, by the rules of
 * the day, and nobody is asked on account of it.
 */
export function versionOf(
  rooms: Rooms,
  inForce: InForce,
  { action }: Prepared,
  { generation, control: { signal } }: Arrived,
): Version {
  const reading = versionReading(inForce, action);
  return {
    isKept: reading !== null,
    async read() {
      if (reading === null) return null;
      const answer = await walk(rooms, reading.attempt, generation, { signal });
      return answer.kind === 'result' ? reading.versionIn(answer.result) : null;
    },
  };
}

/**
 * A paused call goes on (2026-07-28): the same action, and the same order from the decision on.
 *
 *   its own pause? ─▶ prepare ─▶ spend the pause ─▶ decide with the responses ─▶ session ─▶ RECORD ─▶ pass ─▶ execute …
 */
async function goOn(
  rooms: Rooms,
  inForce: InForce,
  prepared: Prepared,
  found: Found,
  arrived: Arrived,
): Promise<Answer> {
  const { attempt } = arrived;
  const gone = tokenRefusal(rooms, attempt);
  if (gone !== null) return refuse(rooms, attempt, gone);
  const read = readResponses(rooms, found.pause, attempt.continues?.responses ?? {});
  if (!read.ok) return refuse(rooms, attempt, read.error);
  const spent = found.take(prepared.action);
  if (spent !== null) return refuse(rooms, attempt, spent);
  const { action, round, held } = found.pause;
  try {
    const { control } = arrived;
    if (held !== undefined)
      return await goOnHeld(rooms, inForce, held, { prepared, responses: read.value, control, round });
    return await takeUp(rooms, inForce, prepared, found, read.value, arrived);
  } catch (error) {
    return endFaulty(rooms, action, error, held);
  }
}

async function takeUp(
  rooms: Rooms,
  inForce: InForce,
  prepared: Prepared,
  found: Pick<Found, 'pause' | 'upstreamState'>,
  responses: JsonObject,
  arrived: Arrived,
): Promise<Answer> {
  const { generation, control } = arrived;
  const { action, round } = found.pause;
  const responsesText = canonicalize(responses);
  let decision = stillApproved(
    action,
    inForce,
    decide(rooms, inForce, { ...prepared, action }, responsesText),
  );
  carryOutTrip(rooms, action, decision);
  await closeAsked(rooms, found.pause, responses);
  const session = decision.decision === 'allow' ? await openSession(rooms, action, generation) : null;
  if (session?.ok === false) decision = { ...denied(session.error), marks: decision.marks ?? [] };

  const unrecorded = await recordContinued(rooms, action, decision, responses, inForce);
  if (unrecorded !== null) return endCall(rooms, action, unrecorded);
  if (session?.ok !== true) return endDenied(rooms, action, decision);

  const pass = issuePass(action.digest, () => whyNotSent(rooms, action));
  const order = { ...orderOf(action), input: { responsesText, state: found.upstreamState } };
  const tasks = taskTerms(rooms, action, generation, control);
  const onTheWay = { ...executeControl(rooms, action, control), tasks };
  const reply = await execute(rooms, { session: session.value, action, order, pass }, onTheWay);
  // Nothing left this time; what the upstream did before it asked is not known.
  const last = reply.kind === 'not-sent' ? ({ kind: 'lost', problem: reply.problem } as const) : reply;
  const { brings } = prepared;
  return finish(rooms, inForce, { action, brings }, last, { ...arrived, round: round + 1 });
}

/** A task goes on with what it asked for: the same order again. How it goes on then is looked at. */
export const goOnTask: GoOn = async (rooms, running, responses, isOver) => {
  const { action } = running.task;
  const decided = await decideTask(rooms, running, responses, isOver);
  if (decided.kind !== 'sends') return decided.end;
  const over = () => (isOver() ? problem('ABORTED', { upstream: action.upstream }) : null);
  const pass = issuePass(action.digest, () => whyNotSent(rooms, action) ?? over());
  const [order, control] = updateOrder(running, responses);
  const onTheWay = executeControl(rooms, action, control);
  const reply = await execute(rooms, { session: decided.session, action, order, pass }, onTheWay);
  return reply.kind === 'error' ? () => settle(rooms, action, reply, running.inForce) : null;
};

/** An upstream that asks for input first pauses the call; a client of the older generation is asked while it waits. */
async function finish(
  rooms: Rooms,
  inForce: InForce,
  { action, brings }: Pick<Prepared, 'action' | 'brings'>,
  reply: Reply,
  { round, ...arrived }: Arrived & { readonly round: number },
): Promise<Answer> {
  const { generation, control } = arrived;
  const begun = { action, brings, inForce, generation, control };
  if (reply.kind === 'task') return beginTask(rooms, begun, reply.task, goOnTask);
  if (reply.kind !== 'input-required') return await settle(rooms, action, reply, inForce);
  const { can = CAN_NOTHING, ask } = control;
  if (ask !== undefined) {
    const heard = await askOlder(rooms, action, reply, { control, ask, round });
    if (!heard.ok) return endCall(rooms, action, heard.error);
    return goOnAtOnce(rooms, { ...heard.value, upstreamState: reply.state }, arrived);
  }
  if (generation === '2026') {
    const answer = await pause(rooms, action, reply, can, round);
    const ahead = takenAhead(rooms, answer, arrived.attempt);
    const prepared = ahead === null ? null : prepare(rooms, rooms.inForce(), ahead.attempt, generation);
    if (ahead === null || prepared?.kind !== 'ready') return answer;
    return goOn(rooms, rooms.inForce(), prepared, ahead.found, { ...arrived, attempt: ahead.attempt });
  }
  const { upstream } = action;
  const what = 'it asks for input first, which this client cannot give';
  return endCall(rooms, action, problem('UPSTREAM_FAILED', { upstream, what }));
}

/** The client has answered while its call waited. What was decided may have changed meanwhile, so it is prepared anew. */
async function goOnAtOnce(
  rooms: Rooms,
  heard: Heard & Pick<Found, 'upstreamState'>,
  arrived: Arrived,
): Promise<Answer> {
  const { pause, responses } = heard;
  const inForce = rooms.inForce();
  const prepared = prepare(rooms, inForce, arrived.attempt, arrived.generation);
  const what = prepared.kind === 'refused' ? null : differenceOf(pause.action, prepared.action);
  if (prepared.kind === 'ready' && what === null)
    return takeUp(rooms, inForce, prepared, heard, responses, arrived);
  await closeAsked(rooms, pause, responses);
  const differs = problem('STATE_DIFFERS', { what: what ?? '' });
  return endCall(rooms, pause.action, prepared.kind === 'refused' ? prepared.problem : differs);
}
