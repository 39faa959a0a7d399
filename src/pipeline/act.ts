import { problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Attempt } from '../model/action.ts';
import { decide, denied } from './action/decide.ts';
import { executeControl } from './action/execute-control.ts';
import type { Prepared } from './action/prepare.ts';
import { execute, openSession, orderOf } from './action/sending.ts';
import { type Subject, subjectOf } from './action/subject.ts';
import { tokenRefusal, whyNotSent } from './action/why-not-now.ts';
import { type Discharged, withdrawn } from './approval/discharge.ts';
import { useYes } from './approval/grant-use.ts';
import { approvalNamed, type Hold, holdOf, type Version } from './approval/hold.ts';
import { checkIdempotency, checkNamed, review, tellEdited } from './approval/review.ts';
import { versionReading } from './approval/version-reading.ts';
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
import { beginAllowed, goesInstead, neverMind, recordAllowed } from './recording/recorded.ts';
import type { Rooms } from './rooms.ts';
import { type Walk, waitAsTask } from './tasks/held-task.ts';
import { roomForTask, taskTerms } from './tasks/task-begin.ts';

/**
 * The corridor: the order of one action, and the only way to make something happen. Every door uses it.
 *
 *   admitted? ─▶ prepare ─▶ decide ─▶ session ─▶ RECORD ─▶ pass ─▶ execute (halted? in the tick of the first byte) ─▶ RECORD ─▶ answer
 *
 * Read on in the order in which it happens: `act` admits, `walk` lets a call that was paused go on, `stride` prepares, decides
 * and has people asked, `run` opens the session and records, `carryOut` makes the pass and sends. What an upstream answers
 * is settled in `settle.ts`; one that asks for input first, or answers with a task, has the action go on in `go-on.ts`.
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
    return await walk(rooms, { attempt, generation, control });
  } catch (error) {
    rooms.report(
      `an action of ${attempt.agent} met a fault: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return refuse(rooms, attempt, problem('INTERNAL'));
  } finally {
    rooms.admission.leave(attempt.agent);
  }
}

/** From the attempt to its answer, in as many strides as it takes. */
async function walk(rooms: Rooms, arrived: Arrived, hold: Hold = holdOf(rooms, arrived)): Promise<Answer> {
  const { attempt } = arrived;
  const { continues } = attempt;
  if (continues !== undefined && approvalNamed(attempt) === null) return comeBack(rooms, arrived, continues);
  // Decided anew whenever something moved while a person was waited for.
  for (let turn = 0; turn < LIMITS.approvalTurns; turn++) {
    const answer = await stride(rooms, arrived, hold);
    if (answer !== null) return answer;
  }
  return refuse(rooms, attempt, problem('BUSY'));
}

/** How a call that waits as a task goes on, be it after a restart. */
export function walkOn(rooms: Rooms): Walk {
  return (arrived, hold) => walk(rooms, arrived, hold);
}

/** One try, by the rules of this moment; null: something moved on the way, and it begins anew. */
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
  const reviewed = await review(rooms, ready, hold, version);
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
    return await finish(rooms, { action, brings, inForce, arrived, round: 1 }, reply);
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
      const answer = await walk(rooms, { attempt: reading.attempt, generation, control: { signal } });
      return answer.kind === 'result' ? reading.versionIn(answer.result) : null;
    },
  };
}
