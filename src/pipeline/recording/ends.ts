import { stackOf } from '../../base/error-text.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { Action, Attempt } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import { refund } from '../action/charge.ts';
import { carryOutTrip } from '../action/trip.ts';
import type { Kept } from '../approval/approval-kept.ts';
import type { HeldCall } from '../asks/held-call.ts';
import type { InForce } from '../in-force.ts';
import type { Answer } from '../ports/answer.ts';
import type { Rooms } from '../rooms.ts';
import { recordDenied } from './recorded.ts';
import { endCall } from './settle.ts';

/** A fault of ours after the record: what the upstream did is not known, and nothing stays open until the next start. */
export function endFaulty(rooms: Rooms, action: Action, error: unknown, held?: HeldCall): Promise<Answer> {
  const what = stackOf(error);
  rooms.report(`action ${action.id} of ${action.agent} met a fault: ${what}`);
  return held?.end(problem('INTERNAL')) ?? endCall(rooms, action, problem('INTERNAL'));
}

/** The upstream was asked before, so this is an outcome; to the agent it is a denial. */
export async function endDenied(rooms: Rooms, action: Action, decision: Decision): Promise<Answer> {
  const code = decision.code ?? 'DECISION_FAILED';
  const answer = await endCall(rooms, action, { code, sentence: decision.reason });
  if (answer.kind === 'failed' && answer.problem.code === 'OUTCOME_UNRECORDED') return answer;
  return { kind: 'denied', action: action.id, decision: { ...decision, decision: 'deny' } };
}

/** Denies an action that was decided so: gives back what it was charged, records the denial, and trips its breakers. */
export async function deny(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
): Promise<Extract<Answer, { kind: 'denied' }>> {
  refund(rooms, action);
  rooms.past.denied(action.agent);
  const recorded = recordDenied(rooms, { action, decision, inForce });
  carryOutTrip(rooms, action, decision);
  await recorded;
  // A review that nobody can be asked about is a denial too.
  return { kind: 'denied', action: action.id, decision: { ...decision, decision: 'deny' } };
}

/** Refuses an attempt that never became an action. It is counted, and is no entry of its own. */
export function refuse(
  rooms: Rooms,
  { agent, point }: Attempt,
  refusal: Problem,
): Extract<Answer, { kind: 'refused' }> {
  rooms.refusals.count(agent, refusal.code, point);
  return { kind: 'refused', problem: refusal };
}

/** An edit that no longer fits what is in force: its question is cancelled. Null, so that the attempt is tried again as it was. */
export function dropEdited(rooms: Rooms, kept: Kept): null {
  rooms.approvals.cancel(kept, 'edit-unfit');
  return null;
}
