import { stackOf } from '../base/error-text.ts';
import { problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Attempt } from '../model/action.ts';
import { readThrough } from './act.ts';
import { decide, denied } from './action/decide.ts';
import { subjectOf } from './action/subject.ts';
import { pointRefusal, tokenRefusal, whyNotSent } from './action/why-not-now.ts';
import { type Discharged, withdrawn } from './approval/discharge.ts';
import { type Hold, holdOf } from './approval/hold.ts';
import { checkIdempotency, review } from './approval/review.ts';
import { useYes } from './approval/use-yes.ts';
import { versionOf } from './approval/version-reading.ts';
import type { Arrived } from './arrived.ts';
import type { Checked } from './check/check-corridor.ts';
import { issuePass } from './pass.ts';
import { deny, dropEdited, refuse } from './recording/ends.ts';
import { recordCleared } from './recording/recorded.ts';
import type { Rooms } from './rooms.ts';

/**
 * The corridor for what its caller does itself, elsewhere: the same order, except that the answer itself is the permission.
 *
 *   admitted? ─▶ prepare ─▶ decide ─▶ RECORD ─▶ pass ─▶ answer (halted? in the tick in which it is given) ─▶ told ─▶ RECORD
 *
 * It never rejects. What it clears is handed over or withdrawn (check-corridor.ts), and waits for its outcome.
 */
export async function check(rooms: Rooms, attempt: Attempt): Promise<Checked> {
  const overLimit = rooms.admission.enter(attempt.agent);
  if (overLimit !== null) return refuse(rooms, attempt, overLimit);
  try {
    return await clear(rooms, attempt);
  } catch (error) {
    rooms.report(`a check for ${attempt.agent} met a fault: ${stackOf(error)}`);
    return refuse(rooms, attempt, problem('INTERNAL'));
  } finally {
    rooms.admission.leave(attempt.agent);
  }
}

async function clear(rooms: Rooms, attempt: Attempt): Promise<Checked> {
  const arrived = { attempt, generation: '2026', control: { signal: new AbortController().signal } } as const;
  const hold = holdOf(rooms, arrived);
  for (let turn = 0; turn < LIMITS.approvalTurns; turn++) {
    const checked = await clearOnce(rooms, arrived, hold);
    if (checked !== null) return checked;
  }
  return refuse(rooms, attempt, problem('BUSY'));
}

/** As `actOnce`, except that nothing is sent from here. */
async function clearOnce(rooms: Rooms, arrived: Arrived, hold: Hold): Promise<Checked | null> {
  const { attempt } = arrived;
  const gone = tokenRefusal(rooms, attempt);
  if (gone !== null) return refuse(rooms, attempt, gone);
  const inForce = rooms.inForce();
  const subject = subjectOf(rooms, inForce, attempt, '2026');
  if (subject.kind === 'refused') return refuse(rooms, attempt, subject.problem);
  if (subject.kind === 'unfit') return dropEdited(rooms, subject.kept);
  const { prepared, open } = subject;
  const refusal = checkIdempotency(rooms, attempt, open);
  if (refusal !== null) return refuse(rooms, attempt, refusal);

  // What would be cleared is the edit, and its caller would do what it asked about.
  if (open?.edited !== undefined) return dropEdited(rooms, open);
  const decision = decide(rooms, inForce, prepared);
  if (decision.decision === 'deny') return deny(rooms, prepared.action, decision, inForce);
  const version = versionOf(inForce, prepared, arrived, readThrough(rooms));
  let cleared: Discharged = { kind: 'discharged', inForce, subject, decision, drafts: [] };
  if (decision.decision === 'review') {
    const reviewed = await review(rooms, cleared, hold, version);
    if (reviewed.kind === 'again' || reviewed.kind === 'as-task') return null;
    if (reviewed.kind === 'answer') return reviewed.answer.kind === 'denied' ? reviewed.answer : null;
    if (reviewed.kind === 'deny') return deny(rooms, prepared.action, reviewed.decision, inForce);
    const discharged = await useYes(rooms, reviewed, hold, version);
    if (discharged.kind === 'again') return null;
    cleared = discharged;
  } else cleared = { ...cleared, drafts: withdrawn(rooms, open) };

  const { action, brings } = cleared.subject.prepared;
  const unrecorded = await recordCleared(rooms, { ...cleared, action, brings });
  if (unrecorded !== null) return { kind: 'denied', action: action.id, decision: denied(unrecorded) };

  const pass = issuePass(action.digest, () => whyNotSent(rooms, action) ?? pointRefusal(rooms, action));
  return { kind: 'cleared', action, decision: cleared.decision, pass };
}
