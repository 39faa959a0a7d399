import { isOfOthers } from '../../approval/who.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Attempt } from '../../model/action.ts';
import type { Approval } from '../../model/approval.ts';
import type { Decision } from '../../model/decision.ts';
import { denied } from '../action/decide.ts';
import type { Subject } from '../action/subject.ts';
import type { Rooms } from '../rooms.ts';
import type { CancelReason, Kept } from './approval-kept.ts';
import { askPeople } from './ask-people.ts';
import { askAnew, covers, type Discharged } from './discharge.ts';
import { grantFor } from './grant-cover.ts';
import { approvalNamed, type Hold, type Version } from './hold.ts';
import type { Reviewed } from './reviewed.ts';
import { waitFor } from './wait-for-people.ts';

/**
 * For a call that comes back by the question it was sent to: why that question is not about it.
 * Null where it is, and for any other call.
 */
export function checkNamed(rooms: Rooms, attempt: Attempt, { open, ended }: Subject): Problem | null {
  const id = approvalNamed(attempt);
  if (id === null) return null;
  const kept = rooms.approvals.find(id);
  if (kept === undefined) return problem('STATE_USED');
  if (kept.approval.agent !== attempt.agent) return problem('STATE_FOREIGN', { what: 'agent' });
  return kept === open || kept === ended ? null : problem('STATE_DIFFERS', { what: 'its arguments' });
}

/** One name stands for one attempt: with other arguments it would not be clear which of the two was meant. */
export function checkIdempotency(
  rooms: Rooms,
  { agent, idempotency }: Attempt,
  open: Kept | null,
): Problem | null {
  if (idempotency === undefined || !rooms.approvals.has(agent)) return null;
  const named = rooms.approvals.named(agent, idempotency);
  if (named === null || named === open) return null;
  return problem('IDEMPOTENCY_DIFFERS', { approval: named.approval.id });
}

/** An action as it was decided, and by what. */
type Decided = Pick<Discharged, 'inForce' | 'subject' | 'decision'>;

/** An action that needs people: asks them, holds the call, or says how its question stands. */
export async function review(
  rooms: Rooms,
  decided: Decided,
  hold: Hold,
  version: Version,
): Promise<Reviewed> {
  const { inForce, subject, decision } = decided;
  if (hold.asksNobody || !rooms.approvals.electorate.isClaimed()) return { kind: 'deny', decision };
  const { open } = subject;
  const grant = grantFor(rooms, subject, decision, hold);
  if (grant !== null && (open === null || !rooms.approvals.isApproved(open)))
    return { kind: 'granted', grant };
  if (open !== null) return reviewOpen(rooms, decided, open, hold);
  const settled = whyOver(rooms, subject, decision, hold);
  if (settled !== null) return settled;
  // Whatever takes time comes before the question, so that of calls that come together only one asks.
  if (version.isKept && hold.version === undefined) {
    hold.version = await version.read();
    return { kind: 'again' };
  }
  const limit = LIMITS.approvalsPerAgent;
  if (rooms.approvals.waitingOf(hold.attempt.agent) >= limit)
    return { kind: 'deny', decision: { ...decision, ...denied(problem('TOO_MANY_PENDING', { limit })) } };
  return askPeople(rooms, inForce, subject, decision, hold);
}

/** Its question is open: it is taken back where it no longer fits, used where it was approved, and waited for otherwise. */
async function reviewOpen(
  rooms: Rooms,
  { inForce, subject, decision }: Decided,
  open: Kept,
  hold: Hold,
): Promise<Reviewed> {
  hold.question = open;
  if (open.approval.policy !== inForce.policy.digest) return askAnew(rooms, open, 'rules-changed', hold);
  if (isOfOthers(open.approval, subject.prepared.agent)) return askAnew(rooms, open, 'owner-changed', hold);
  if (!covers(open.approval, decision)) return askAnew(rooms, open, 'more-asked', hold);
  if (open.recorded !== undefined) {
    await open.recorded;
    return { kind: 'again' };
  }
  // A client that is gone would not learn what came of it: the approval stays for the call that comes back.
  const isGone = hold.control.signal.aborted;
  if (!isGone && rooms.approvals.isApproved(open)) return { kind: 'approved', kept: open };
  return waitFor(rooms, subject, open, decision, hold);
}

/** No question is open: what the last one about this action, or the one that this call waited for, still settles. */
function whyOver(rooms: Rooms, { ended }: Subject, decision: Decision, hold: Hold): Reviewed | null {
  const { question } = hold;
  if (question?.approval.phase === 'spent') return ranAlready(question, decision);
  if (question?.cancelledFor === 'operator') return takenBack(question, decision);
  if (ended?.approval.phase === 'denied' && rooms.clock.now() < ended.approval.expiresAtMs)
    return { kind: 'deny', decision: deniedBy(ended.approval, decision) };
  return hold.isTask ? whyTaskIsOver(rooms, hold, decision) : null;
}

function deniedBy({ id, answers }: Approval, decision: Decision): Decision {
  const people = answers.flatMap(({ person, answer }) => (answer === 'deny' ? [person] : []));
  const reason = problem('APPROVAL_DENIED', { approval: id, people: people.join(', ') }).sentence;
  return { ...decision, decision: 'deny', code: 'APPROVAL_DENIED', reason, approval: { id } };
}

/** What waits as a task asks nobody a second time: not after its question ran out, nor for a client that gave it up. */
function whyTaskIsOver(rooms: Rooms, { control, question }: Hold, decision: Decision): Reviewed | null {
  if (question === undefined) return null;
  const { id, action } = question.approval;
  if (!control.signal.aborted && !rooms.approvals.hasRunOut(question)) return null;
  return over(action, id, decision, problem('APPROVAL_EXPIRED', { approval: id }));
}

/** Its question is over, and so is the call: what became of it, beside the rules that asked. */
function over(action: string, id: string, { rules }: Decision, why: Problem): Reviewed {
  const decision = { ...denied(why), rules, approval: { id } };
  return { kind: 'answer', answer: { kind: 'denied', action, decision } };
}

/** The same call, made twice: people approved it once, and once it has run. */
function ranAlready({ approval: { id, action } }: Kept, decision: Decision): Reviewed {
  return over(action, id, decision, problem('APPROVAL_SPENT', { approval: id, action }));
}

/** Somebody took the question back while this call waited for it: it is not asked anew on account of the same call. */
function takenBack({ approval: { id, action } }: Kept, decision: Decision): Reviewed {
  return over(
    action,
    id,
    decision,
    problem('APPROVAL_TAKEN_BACK', { approval: id, why: TAKEN_BACK.operator }),
  );
}

/** Why a question was taken back, of the reasons after which no call runs by it or by another in its place. */
export const TAKEN_BACK = {
  operator: 'by a person whom it did not ask, or at the operator’s socket',
  'agent-gone': 'the agent was taken out of the configuration',
  killed: 'the agent was killed',
} as const satisfies Partial<Record<CancelReason, string>>;
