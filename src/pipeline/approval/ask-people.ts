import { isMild } from '../../approval/grant.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Approval } from '../../model/approval.ts';
import type { Decision } from '../../model/decision.ts';
import { denied } from '../action/decide.ts';
import { entryOf } from '../action/operation-entry.ts';
import type { Subject } from '../action/subject.ts';
import type { InForce } from '../in-force.ts';
import type { Draft } from '../recording/draft.ts';
import { recordAsked } from '../recording/recorded.ts';
import type { Rooms } from '../rooms.ts';
import { askedFields } from './approval-entries.ts';
import { askedFor, type Kept } from './approval-kept.ts';
import type { Hold } from './hold.ts';
import type { Reviewed } from './reviewed.ts';
import { pendingDecision } from './wait-for-people.ts';

/** Puts the question to people: the decision and the question are recorded together, before anybody is asked. */
export async function askPeople(
  rooms: Rooms,
  inForce: InForce,
  subject: Subject,
  decision: Decision,
  hold: Hold,
): Promise<Reviewed> {
  const { action, agent } = subject.prepared;
  const nowMs = rooms.clock.now();
  const spanMs = Math.min(
    LIMITS.approvalMostMs,
    ...decision.reviews.map(({ withinMs }) => withinMs ?? LIMITS.approvalMs),
  );
  const weight = entryOf(inForce, action.operation);
  const approval: Approval = {
    id: rooms.ids(),
    action: action.id,
    digest: action.digest,
    agent: agent.id,
    owner: agent.owner,
    ...(agent.backup === undefined ? {} : { backup: agent.backup }),
    reviews: decision.reviews,
    isMild: isMild(weight),
    policy: inForce.policy.digest,
    askedAtMs: nowMs,
    spanMs,
    expiresAtMs: nowMs + spanMs,
    phase: 'open',
    isRevived: false,
    answers: [],
    shownTo: [],
  };
  const kept: Kept = { approval, asked: askedFor(action, rooms.recorder.size, hold.version) };
  // Whatever becomes of it while it is still being recorded: it was this call's question.
  hold.question = kept;
  const cell = rooms.approvals.open(kept);
  const people = rooms.approvals.people(approval);
  const fields = askedFields({
    approval,
    action,
    people,
    state: hold.version,
    weight,
    cell: cell.value ?? '',
    instead: hold.replaces,
  });
  const draft: Draft = { fields, cells: [cell, ...rooms.approvals.takeStale()] };
  const pending = pendingDecision(approval, decision);
  const recording = recordAsked(rooms, { action, decision: pending, inForce }, draft);
  // Whoever repeats it meanwhile waits for that as well.
  kept.recorded = recording;
  const unrecorded = await recording;
  delete kept.recorded;
  if (unrecorded !== null) {
    rooms.approvals.forget(kept);
    return { kind: 'answer', answer: { kind: 'denied', action: action.id, decision: denied(unrecorded) } };
  }
  delete hold.replaces;
  return { kind: 'again' };
}
