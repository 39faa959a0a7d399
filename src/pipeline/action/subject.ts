import type { Action, Attempt } from '../../model/action.ts';
import { continuing, digestWith, type Kept, saltOf } from '../approval/approval-kept.ts';
import type { InForce } from '../in-force.ts';
import type { Generation } from '../ports/call.ts';
import type { Rooms } from '../rooms.ts';
import { saltedDigest } from './action.ts';
import { type Prepared, prepare, type Refused } from './prepare.ts';

/** What is decided about: an attempt as an action, under the identity of the open question that it repeats. */
export interface Subject {
  readonly kind: 'subject';
  readonly prepared: Prepared;
  /** The open question about it. */
  readonly open: Kept | null;
  /** Without an open one: the newest that was denied or ran out. */
  readonly ended: Kept | null;
}

/**
 * "A repeat of an action that waits for a person, or whose approval is unspent, continues that action: same id, salt and
 * digest." Where a person has edited it, what she made of it is prepared in its place.
 */
export function subjectOf(
  rooms: Rooms,
  inForce: InForce,
  attempt: Attempt,
  generation: Generation,
): Subject | Refused | { readonly kind: 'unfit'; readonly kept: Kept } {
  const prepared = prepare(rooms, inForce, attempt, generation);
  if (prepared.kind === 'refused') return prepared;
  const plain = { kind: 'subject', prepared, open: null, ended: null } as const;
  if (!rooms.approvals.has(attempt.agent)) return plain;
  const kept = rooms.approvals.match(prepared.action);
  if (kept === null) return plain;
  if (kept.approval.phase !== 'open' || rooms.approvals.hasRunOut(kept)) return { ...plain, ended: kept };
  const { asked, edited } = kept;
  if (edited === undefined)
    return { ...plain, prepared: { ...prepared, action: continuing(prepared.action, asked) }, open: kept };
  const other = prepare(rooms, inForce, { ...attempt, arguments: edited.arguments }, generation);
  if (other.kind === 'refused' || !isEdited(kept, other.action)) return { kind: 'unfit', kept };
  const { by, arguments: args } = edited;
  const edit = { approval: kept.approval.id, by, arguments: args, asked: prepared.action.argumentsText };
  const action = { ...continuing(other.action, edited), edited: edit };
  return { ...plain, prepared: { ...other, action }, open: kept };
}

/** Whether a stored edit is the one that the log names: the digest of what would be sent must be the recorded one. */
function isEdited({ approval, edited }: Kept, action: Action): boolean {
  if (edited === undefined || edited.digest !== approval.digest) return false;
  const argumentsDigest = saltedDigest(saltOf(edited), action.argumentsText);
  return digestWith(action, argumentsDigest) === approval.digest;
}
