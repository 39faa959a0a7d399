import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { asSentence } from '../../base/sentence.ts';
import type { Action } from '../../model/action.ts';
import type { Approval } from '../../model/approval.ts';
import { CAN_NOTHING } from '../../model/ask.ts';
import type { Decision } from '../../model/decision.ts';
import type { Subject } from '../action/subject.ts';
import type { Rooms } from '../rooms.ts';
import { taskTerms } from '../tasks/task-begin.ts';
import type { Kept } from './approval-kept.ts';
import { APPROVAL_STATE, type Hold } from './hold.ts';
import type { Reviewed } from './reviewed.ts';

/** Holds the call until something moves. When its time is over, answers how the question stands and how to come back. */
export async function waitFor(
  rooms: Rooms,
  subject: Subject,
  kept: Kept,
  decision: Decision,
  hold: Hold,
): Promise<Reviewed> {
  const { approval } = kept;
  const action = subject.prepared.action.id;
  if (!hold.isTask && mayWaitAsTask(rooms, subject.prepared.action, hold)) return { kind: 'as-task', kept };
  const page = rooms.approvals.electorate.pageOf(approval.id);
  if (!hold.wasSentToPage && page !== null && (hold.control.can ?? CAN_NOTHING).url) {
    hold.wasSentToPage = true;
    const message = problem('APPROVAL_LINK', { operation: subject.prepared.action.operation }).sentence;
    const params = { mode: 'url', message, url: page, elicitationId: approval.id };
    const requests = { approval: { method: 'elicitation/create', params } };
    return {
      kind: 'answer',
      answer: { kind: 'input-required', action, requests, state: APPROVAL_STATE + approval.id },
    };
  }
  const before = kept.approval;
  if (!isOver(rooms, hold)) {
    tell(hold, kept);
    await rooms.approvals.wait(kept, hold.untilMs, hold.control.signal, () => tell(hold, kept));
    if (before !== kept.approval || !isOver(rooms, hold)) return { kind: 'again' };
  }
  const pending = pendingDecision(kept.approval, decision);
  rooms.marks.end(action, false, rooms.clock.now());
  return { kind: 'answer', answer: { kind: 'denied', action, decision: pending } };
}

function mayWaitAsTask(rooms: Rooms, action: Action, { attempt, generation, control }: Hold): boolean {
  if (action.method !== 'tools/call' || action.door !== 'mcp' || attempt.continues !== undefined)
    return false;
  return taskTerms(rooms, action, generation, control).taken;
}

function isOver({ approvals, clock }: Rooms, { untilMs, control }: Hold): boolean {
  return clock.monotonicMs() >= untilMs || control.signal.aborted || approvals.isStopped;
}

/** A client that asked for progress hears that a person is waited for, so that it does not give up. */
function tell(hold: Hold, { approval }: Kept): void {
  hold.progress++;
  const message = `Waiting for a person to answer (${approval.id})`;
  hold.control.onProgress?.({ progress: hold.progress / 1000, message });
}

/** What an agent is told of a question that waits. */
export function pendingDecision(approval: Approval, decision: Decision): Decision {
  const { id, expiresAtMs, reviews } = approval;
  const expires = toInstant(expiresAtMs);
  const sentence = problem('APPROVAL_PENDING', { approval: id, expires }).sentence;
  const reason = `${asSentence(decision.reason)} ${sentence}`;
  return {
    ...decision,
    decision: 'review',
    code: 'APPROVAL_PENDING',
    reason,
    reviews,
    approval: { id, expires },
  };
}
