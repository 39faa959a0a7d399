import type { Grant } from '../../model/grant.ts';
import { charge } from '../action/charge.ts';
import { decide } from '../action/decide.ts';
import { subjectOf } from '../action/subject.ts';
import type { Draft } from '../recording/draft.ts';
import type { Rooms } from '../rooms.ts';
import { type Discharged, discharge } from './discharge.ts';
import { grantFor, type Yes } from './grant-cover.ts';
import type { Hold, Version } from './hold.ts';

type Again = { readonly kind: 'again' };

/** Uses a yes, in the tick in which the action is decided again in full. */
export function useYes(rooms: Rooms, yes: Yes, hold: Hold, version: Version): Promise<Discharged | Again> {
  if (yes.kind === 'approved') return discharge(rooms, yes.kept, hold, version);
  return Promise.resolve(useGrant(rooms, yes.grant, hold));
}

/** Synchronous: between the decision and the use of the grant nothing can change. */
function useGrant(rooms: Rooms, { id }: Grant, hold: Hold): Discharged | Again {
  const again = { kind: 'again' } as const;
  const inForce = rooms.inForce();
  const subject = subjectOf(rooms, inForce, hold.attempt, hold.generation);
  if (subject.kind !== 'subject') return again;
  const decision = decide(rooms, inForce, subject.prepared);
  if (decision.decision !== 'review') return again;
  const grant = grantFor(rooms, subject, decision, hold);
  if (grant?.id !== id) return again;
  const { prepared, open } = subject;
  const drafts: Draft[] = [];
  const withdrawn = open === null ? null : rooms.approvals.cancelling(open, 'granted');
  if (withdrawn !== null) drafts.push(withdrawn);
  drafts.push(rooms.grants.spend(grant, prepared.action));
  charge(rooms, inForce, prepared);
  const { code: _code, ...rest } = decision;
  const reason = `Granted by ${grant.person}: ${grant.used + 1} of ${grant.times}.`;
  const approved = { reviews: decision.reviews, policy: inForce.policy.digest };
  return {
    kind: 'discharged',
    inForce,
    subject: { ...subject, prepared: { ...prepared, action: { ...prepared.action, approved } } },
    decision: { ...rest, decision: 'allow', reason, grant: grant.id },
    drafts,
  };
}
