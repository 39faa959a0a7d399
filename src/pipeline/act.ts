import { stackOf } from '../base/error-text.ts';
import { problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Attempt } from '../model/action.ts';
import { chargeIfAllowed, chargeInstead, refund } from './action/charge.ts';
import { decide, denied, overruled } from './action/decide.ts';
import { executeControl } from './action/execute-control.ts';
import type { Prepared } from './action/prepare.ts';
import { execute, openSession, orderOf } from './action/sending.ts';
import { subjectOf } from './action/subject.ts';
import { tokenRefusal, whyNotSent } from './action/why-not-now.ts';
import { type Discharged, withdrawn } from './approval/discharge.ts';
import { approvalNamed, type Hold, holdOf } from './approval/hold.ts';
import { checkIdempotency, checkNamed, review } from './approval/review.ts';
import { useYes } from './approval/use-yes.ts';
import { type ReadThrough, versionOf } from './approval/version-reading.ts';
import type { Arrived } from './arrived.ts';
import { HeldCall, mayHold } from './asks/held-call.ts';
import { answerHeld } from './asks/held-round.ts';
import { comeBack, finish } from './go-on.ts';
import type { InForce } from './in-force.ts';
import { issuePass } from './pass.ts';
import type { Answer } from './ports/answer.ts';
import type { CallControl, Generation } from './ports/call.ts';
import type { UpstreamSession } from './ports/upstream.ts';
import { deny, dropEdited, endFaulty, refuse } from './recording/ends.ts';
import { recordAllowed } from './recording/recorded.ts';
import type { Rooms } from './rooms.ts';
import { type Resume, waitAsTask } from './tasks/held-task.ts';
import { roomForTask, taskTerms } from './tasks/task-begin.ts';

/**
 * The corridor: the order of one action, and the only way to make something happen. Every door uses it.
 *
 *   admitted? ─▶ prepare ─▶ decide ─▶ session ─▶ RECORD ─▶ pass ─▶ execute (halted? in the tick of the first byte) ─▶ RECORD ─▶ answer
 *
 * The functions below follow each other in the order in which it happens:
 *
 *   act               is the agent within its limits? Whatever is thrown further on is caught here.
 *   actUntilAnswered  a call that was paused goes on in `go-on.ts`; any other is tried until it has an answer
 *   actOnce           prepares, decides and, where a rule says so, has people asked
 *   recordAndSend     opens the session, spends the approval and records the allow
 *   send              makes the pass and sends
 *
 * What the upstream replies becomes the answer in `settle.ts`. Where it asks for input first, or replies with a task, the
 * action goes on in `go-on.ts`.
 *
 * It never rejects: whatever goes wrong on the way to a decision is a denial with a code (P2), and whatever goes wrong
 * after the first byte is an outcome (P7).
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
    return await actUntilAnswered(rooms, { attempt, generation, control });
  } catch (error) {
    rooms.report(`an action of ${attempt.agent} met a fault: ${stackOf(error)}`);
    return refuse(rooms, attempt, problem('INTERNAL'));
  } finally {
    rooms.admission.leave(attempt.agent);
  }
}

/** Tries again whenever something moved while a person was waited for, LIMITS.approvalTurns times at most. */
async function actUntilAnswered(
  rooms: Rooms,
  arrived: Arrived,
  hold: Hold = holdOf(rooms, arrived),
): Promise<Answer> {
  const { attempt } = arrived;
  const { continues } = attempt;
  if (continues !== undefined && approvalNamed(attempt) === null) return comeBack(rooms, arrived, continues);
  for (let turn = 0; turn < LIMITS.approvalTurns; turn++) {
    const answer = await actOnce(rooms, arrived, hold);
    if (answer !== null) return answer;
  }
  return refuse(rooms, attempt, problem('BUSY'));
}

/** Lets a call that waits as a task go on, after a restart too. */
export function resumeHeld(rooms: Rooms): Resume {
  return (arrived, hold) => actUntilAnswered(rooms, arrived, hold);
}

/** Takes the call that reads a target's version through the corridor, as part of the action that it is read for. */
export function readThrough(rooms: Rooms): ReadThrough {
  return (reading) => actUntilAnswered(rooms, reading);
}

/** One try under the rules in force now. Null: something moved on the way, so it has to be tried again. */
async function actOnce(rooms: Rooms, arrived: Arrived, hold: Hold): Promise<Answer | null> {
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
    return await recordAndSend(rooms, arrived, ready, async () => ({
      ...ready,
      drafts: withdrawn(rooms, open),
    }));
  }
  const version = versionOf(inForce, prepared, arrived, readThrough(rooms));
  const reviewed = await review(rooms, ready, hold, version);
  switch (reviewed.kind) {
    case 'again':
      return null;
    case 'answer':
      return reviewed.answer;
    case 'as-task':
      return waitAsTask(rooms, arrived, prepared, reviewed.kept, resumeHeld(rooms));
    case 'deny':
      return deny(rooms, prepared.action, reviewed.decision, inForce);
    case 'granted':
    case 'approved': {
      const clear = () => useYes(rooms, reviewed, hold, version);
      return await recordAndSend(rooms, arrived, ready, clear);
    }
  }
}

/**
 * Opens the session, so that nothing is spent where the upstream cannot be reached; then `clear` decides for the last time
 * and spends the approval or grant, and the allow is recorded. Null: as in `actOnce`.
 */
async function recordAndSend(
  rooms: Rooms,
  arrived: Arrived,
  { inForce, subject, decision }: Discharged,
  clear: () => Promise<Discharged | { readonly kind: 'again' }>,
): Promise<Answer | null> {
  const { attempt, generation } = arrived;
  // The token may have ended while a person was waited for: then nothing runs, and her yes is not used up.
  const gone = tokenRefusal(rooms, attempt);
  if (gone !== null) return refuse(rooms, attempt, gone);
  let { action } = subject.prepared;
  chargeIfAllowed(rooms, inForce, subject.prepared, decision);
  let sending: Promise<Answer>;
  try {
    const session = await openSession(rooms, action, generation);
    if (!session.ok) return await deny(rooms, action, overruled(decision, session.error), inForce);
    const cleared = await clear();
    if (cleared.kind === 'again') {
      refund(rooms, action);
      return null;
    }
    const { prepared } = cleared.subject;
    if (prepared.action.id !== action.id) chargeInstead(rooms, action, prepared);
    action = prepared.action;
    const { brings } = prepared;
    const unrecorded = await recordAllowed(rooms, { ...cleared, action, brings });
    if (unrecorded !== null) {
      refund(rooms, action);
      return { kind: 'denied', action: action.id, decision: denied(unrecorded) };
    }
    sending = send(rooms, arrived, cleared.inForce, prepared, session.value);
  } catch (error) {
    refund(rooms, action);
    throw error;
  }
  // Outside: a fault from here on is an outcome, which `send` records; the catch is for faults before it.
  return await sending;
}

/** The allow is durable: makes the pass and sends the order with it. From here on every fault is an outcome (P7). */
async function send(
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
    return await finish(rooms, { action, brings, inForce, arrived, round: 1 }, reply);
  } catch (error) {
    return endFaulty(rooms, action, error, held);
  }
}
