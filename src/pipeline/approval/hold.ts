import type { Attempt } from '../../model/action.ts';
import type { Arrived } from '../arrived.ts';
import type { Rooms } from '../rooms.ts';
import type { Kept } from './approval-kept.ts';

/** The state that a client of 2026-07-28 hands back when it has been sent to a question; sealed states hold no dot. */
export const APPROVAL_STATE = 'approval.';

export function approvalNamed({ continues }: Attempt): string | null {
  return continues?.state.startsWith(APPROVAL_STATE) === true
    ? continues.state.slice(APPROVAL_STATE.length)
    : null;
}

/** One call while a person is asked about it: how long it is held, and what was learnt meanwhile. */
export interface Hold extends Arrived {
  /** By the monotonic clock: the call is held until then and no longer. */
  readonly untilMs: number;
  /** No person is asked because of this call: it reads something for a question, or is sent again and again. */
  readonly asksNobody: boolean;
  /** It waits as a task: for this one question, and for no other after it. */
  readonly isTask: boolean;
  /** How often the client was told that it still waits. */
  progress: number;
  /** The target's version as it is now; undefined: not read. */
  version?: string | null;
  /** The question that was taken back, and why: the next one is asked in its place. */
  replaces?: { readonly approval: string; readonly reason: string };
  /** The question that this call waits or waited for. */
  question?: Kept;
  /** The client was told the page of the question already, or cannot be told one. */
  wasSentToPage: boolean;
}

export function holdOf(rooms: Rooms, { attempt, generation, control }: Arrived): Hold {
  const heldMs = attempt.door === 'check' ? 0 : rooms.approvals.holdMs;
  return {
    attempt,
    generation,
    control,
    untilMs: rooms.clock.monotonicMs() + heldMs,
    asksNobody: attempt.during !== undefined || attempt.sentAs !== undefined,
    isTask: false,
    progress: 0,
    wasSentToPage: generation !== '2026' || control.ask !== undefined || approvalNamed(attempt) !== null,
  };
}

/** The version of the action's target. `isKept`: the catalog says how it is read. */
export interface Version {
  readonly isKept: boolean;
  /** Digest of the version; null: it could not be read. */
  read(): Promise<string | null>;
}
