import { isOfOthers } from '../../approval/who.ts';
import type { Action } from '../../model/action.ts';
import type { Approval } from '../../model/approval.ts';
import type { Decision } from '../../model/decision.ts';
import { charge } from '../action/charge.ts';
import { decide } from '../action/decide.ts';
import { type Subject, subjectOf } from '../action/subject.ts';
import type { InForce } from '../in-force.ts';
import type { Draft } from '../recording/draft.ts';
import type { Rooms } from '../rooms.ts';
import { type Kept, versionAskedOf } from './approval-kept.ts';
import type { Hold, Version } from './hold.ts';

/** What is to be recorded with the allow of an action that people approved. */
export interface Discharged {
  readonly kind: 'discharged';
  readonly inForce: InForce;
  readonly subject: Subject;
  readonly decision: Decision;
  readonly drafts: readonly Draft[];
}

/**
 * Spends an approval: the action is prepared and decided again in full under the rules in force, in the tick in which the
 * approval is used up. Where anything is not as it was asked about, it is asked anew.
 */
export async function discharge(
  rooms: Rooms,
  kept: Kept,
  hold: Hold,
  version: Version,
): Promise<Discharged | { readonly kind: 'again' }> {
  const again = { kind: 'again' } as const;
  const state = versionAskedOf(kept);
  const found = state === undefined ? undefined : await version.read();
  const inForce = rooms.inForce();
  const subject = subjectOf(rooms, inForce, hold.attempt, hold.generation);
  if (subject.kind !== 'subject' || subject.open !== kept) return again;
  const decision = decide(rooms, inForce, subject.prepared);
  if (decision.decision !== 'review' || !covers(kept.approval, decision)) return again;
  if (isOfOthers(kept.approval, subject.prepared.agent)) return again;
  if (found !== undefined && found !== state) {
    // The version was read for the edited target; the question that is asked next is about the agent's own again.
    if (kept.edited === undefined) hold.version = found;
    askAnew(rooms, kept, 'target-changed', hold);
    return again;
  }
  const yes = kept.approval.answers.flatMap(({ person, answer }) => (answer === 'approve' ? [person] : []));
  const spent = rooms.approvals.spend(kept, yes);
  if (typeof spent === 'string') return again;
  charge(rooms, inForce, subject.prepared);
  const reason = `Approved by ${yes.join(', ')}.`;
  const allowed: Decision = {
    ...decision,
    decision: 'allow',
    reason,
    approval: { id: kept.approval.id },
  };
  const { code: _code, ...clear } = allowed;
  const { prepared } = subject;
  const approved = { reviews: kept.approval.reviews, policy: kept.approval.policy };
  const going = { ...prepared, action: { ...prepared.action, approved } };
  return {
    kind: 'discharged',
    inForce,
    subject: { ...subject, prepared: going },
    decision: clear,
    drafts: [spent],
  };
}

/** An approved action that goes on after its upstream asked for input needs no second yes, while the same rules are in force. */
export function stillApproved({ approved }: Action, { policy }: InForce, decision: Decision): Decision {
  if (decision.decision !== 'review' || approved?.policy !== policy.digest) return decision;
  if (!covers(approved, decision)) return decision;
  const { code: _code, ...rest } = decision;
  return { ...rest, decision: 'allow', reason: 'Approved before it asked for input.' };
}

/** Whether the question was about every review that is needed now: whatever is new asks again. */
export function covers({ reviews }: Pick<Approval, 'reviews'>, decision: Decision): boolean {
  return decision.reviews.every(({ rule, who }) =>
    reviews.some((asked) => asked.rule === rule && asked.who === who),
  );
}

/** The question is taken back, and the next one takes its place. */
export function askAnew(
  rooms: Rooms,
  kept: Kept,
  reason: 'rules-changed' | 'owner-changed' | 'more-asked' | 'target-changed',
  hold: Hold,
): { readonly kind: 'again' } {
  rooms.approvals.cancel(kept, reason);
  hold.replaces = { approval: kept.approval.id, reason };
  return { kind: 'again' };
}

/** An action that needs nobody any more: its question ends with its record. */
export function withdrawn(rooms: Rooms, kept: Kept | null): readonly Draft[] {
  if (kept === null) return [];
  const draft = rooms.approvals.cancelling(kept, 'needless');
  return draft === null ? [] : [draft];
}
