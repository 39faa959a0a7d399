import { toInstant } from '../../base/clock.ts';
import type { Holder } from '../credentials/tokens.ts';
import type { Rooms } from '../rooms.ts';

/** A question as whoever asked at the check door may follow it. */
export interface AccessRequest {
  readonly id: string;
  readonly status: 'pending' | 'approved' | 'denied' | 'expired';
  /** RFC 3339. */
  readonly expires: string;
  /** When the last yes came; once there are enough. */
  readonly approvedAt?: string;
  /** Where a person answers; null where there is no such page. */
  readonly page: string | null;
}

/** The question of that id, for its own asker; null: it is none of hers, or over and done. */
export function accessRequest({ approvals }: Rooms, caller: Holder, id: string): AccessRequest | null {
  const kept = approvals.find(id);
  if (kept === undefined || kept.asked.door !== 'check') return null;
  const { approval, asked } = kept;
  const isHers =
    'point' in caller
      ? asked.point === caller.point
      : approval.agent === caller.agent && asked.point === undefined;
  if (!isHers) return null;
  const isOver = approval.phase === 'expired' || approvals.hasRunOut(kept);
  const isApproved = !isOver && approval.phase === 'open' && approvals.isApproved(kept);
  const last = approval.answers.at(-1);
  return {
    id,
    status: approval.phase === 'denied' ? 'denied' : isOver ? 'expired' : isApproved ? 'approved' : 'pending',
    expires: toInstant(approval.expiresAtMs),
    ...(isApproved && last !== undefined ? { approvedAt: toInstant(last.atMs) } : {}),
    page: approvals.electorate.pageOf(id),
  };
}
