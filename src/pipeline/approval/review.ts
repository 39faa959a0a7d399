import { isOfOthers } from '../../approval/who.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { META } from '../../contract/mcp-meta.ts';
import type { Attempt } from '../../model/action.ts';
import type { Approval } from '../../model/approval.ts';
import type { Decision } from '../../model/decision.ts';
import { denied } from '../action/decide.ts';
import type { Subject } from '../action/subject.ts';
import type { Answer } from '../ports/answer.ts';
import type { Rooms } from '../rooms.ts';
import type { CancelReason, Kept } from './approval-kept.ts';
import { askPeople } from './ask-people.ts';
import { askAnew, covers, type Discharged } from './discharge.ts';
import { grantFor } from './grant-cover.ts';
import { approvalNamed, type Hold, type Version } from './hold.ts';
import type { Reviewed } from './reviewed.ts';
import { waitFor } from './wait-for-people.ts';

/** The continuation of a call that was sent to a question: whether it is about this very call. */
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

/** An action that needs people: asks them, holds the call, or says how it stands. */
export async function review(
  rooms: Rooms,
  { inForce, subject, decision }: Decided,
  hold: Hold,
  version: Version,
): Promise<Reviewed> {
  if (hold.isMute || !rooms.approvals.electorate.isClaimed()) return { kind: 'deny', decision };
  const { open, ended } = subject;
  const { agent } = subject.prepared;
  const { repeats } = hold;
  const grant = grantFor(rooms, subject, decision, hold);
  if (grant !== null && (open === null || !rooms.approvals.isApproved(open)))
    return { kind: 'granted', grant };
  if (open === null && repeats?.approval.phase === 'spent') return ranAlready(repeats, decision);
  if (open === null && repeats?.cancelledFor === 'operator') return takenBack(repeats, decision);
  if (open !== null) {
    hold.repeats = open;
    if (open.approval.policy !== inForce.policy.digest) return askAnew(rooms, open, 'rules-changed', hold);
    if (isOfOthers(open.approval, agent)) return askAnew(rooms, open, 'owner-changed', hold);
    if (!covers(open.approval, decision)) return askAnew(rooms, open, 'more-asked', hold);
    if (open.recorded !== undefined) {
      await open.recorded;
      return { kind: 'again' };
    }
    // Nobody would hear what came of it: the approval is for the call that comes back.
    const isGone = hold.control.signal.aborted;
    if (!isGone && rooms.approvals.isApproved(open)) return { kind: 'approved', kept: open };
    return waitFor(rooms, subject, open, decision, hold);
  }
  if (ended?.approval.phase === 'denied' && rooms.clock.now() < ended.approval.expiresAtMs)
    return { kind: 'deny', decision: deniedBy(ended.approval, decision) };
  const ranOut = hold.isTask ? whyTaskIsOver(rooms, hold, decision) : null;
  if (ranOut !== null) return ranOut;
  // Whatever takes time comes before the question, so that of calls that come together one asks.
  if (version.isKept && hold.version === undefined) {
    hold.version = await version.read();
    return { kind: 'again' };
  }
  if (rooms.approvals.waitingOf(hold.attempt.agent) >= LIMITS.approvalsPerAgent) {
    const limit = LIMITS.approvalsPerAgent;
    return { kind: 'deny', decision: { ...decision, ...denied(problem('TOO_MANY_PENDING', { limit })) } };
  }
  return askPeople(rooms, inForce, subject, decision, hold);
}

function deniedBy({ id, answers }: Approval, decision: Decision): Decision {
  const people = answers.flatMap(({ person, answer }) => (answer === 'deny' ? [person] : []));
  const reason = problem('APPROVAL_DENIED', { approval: id, people: people.join(', ') }).sentence;
  return { ...decision, decision: 'deny', code: 'APPROVAL_DENIED', reason, approval: { id } };
}

/** What waits as a task asks nobody a second time: not after its question ran out, nor for a client that gave it up. */
function whyTaskIsOver(rooms: Rooms, { control, repeats }: Hold, decision: Decision): Reviewed | null {
  if (repeats === undefined) return null;
  const { id, action } = repeats.approval;
  if (!control.signal.aborted && !rooms.approvals.hasRunOut(repeats)) return null;
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

/** The agent is told what a person changed before it ran. */
export function tellEdited(answer: Answer, { approval, edited }: Kept): Answer {
  if (edited === undefined || answer.kind !== 'result') return answer;
  const { result } = answer;
  const told = `${problem('EDITED', { person: edited.by }).sentence} ${JSON.stringify(edited.arguments)}`;
  const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
  const { content } = result;
  return {
    ...answer,
    result: {
      ...result,
      ...(Array.isArray(content) ? { content: [{ type: 'text', text: told }, ...content] } : {}),
      _meta: {
        ...meta,
        [META.edited]: { approval: approval.id, action: edited.action, arguments: edited.arguments },
      },
    },
  };
}
