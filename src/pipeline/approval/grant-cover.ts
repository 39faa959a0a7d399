import type { Decision } from '../../model/decision.ts';
import type { Grant } from '../../model/grant.ts';
import type { Subject } from '../action/subject.ts';
import type { Rooms } from '../rooms.ts';
import type { Kept } from './approval-kept.ts';
import type { Hold } from './hold.ts';

/** Why an action may run that rules ask about: people said yes to it, or one did in advance. */
export type Yes =
  | { readonly kind: 'approved'; readonly kept: Kept }
  | { readonly kind: 'granted'; readonly grant: Grant };

/**
 * The grant that lets this run without a question. A no stands against any grant, what a person edited needs a yes to
 * what it has become, and nothing is used for a client that has gone.
 */
export function grantFor(
  rooms: Rooms,
  { prepared, open, ended }: Subject,
  decision: Decision,
  { control }: Pick<Hold, 'control'>,
): Grant | null {
  if (open?.edited !== undefined || open?.recorded !== undefined || control.signal.aborted) return null;
  if (ended?.approval.phase === 'denied' && rooms.clock.now() < ended.approval.expiresAtMs) return null;
  return rooms.grants.covering(prepared.action, prepared.agent, decision);
}
