import type { House } from '../house.ts';

/** A question that waits for people. */
export interface Waiting {
  readonly approval: string;
  readonly agent: string;
  readonly operation: string;
  readonly askedAtMs: number;
  /** Ids of those who may answer and have not. */
  readonly people: readonly string[];
}

export function waitingIn({ rooms: { approvals } }: House): Waiting[] {
  return approvals
    .all()
    .filter(
      (kept) => kept.approval.phase === 'open' && !approvals.hasRunOut(kept) && !approvals.isApproved(kept),
    )
    .map(({ approval, asked }) => ({
      approval: approval.id,
      agent: approval.agent,
      operation: asked.operation,
      askedAtMs: approval.askedAtMs,
      people: approvals
        .people(approval)
        .filter((person) => !approval.answers.some((answer) => answer.person === person)),
    }));
}
