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
  /** Monotonic; it is held no longer. */
  readonly untilMs: number;
  /** Nobody is asked on account of it: what is read for a question, or sent again and again. */
  readonly isMute: boolean;
  /** It goes on as a task, and for one question alone. */
  readonly isTask: boolean;
  ticks: number;
  /** The target's version as it is now; undefined: not read. */
  version?: string | null;
  /** The question that the next one takes the place of. */
  instead?: { readonly approval: string; readonly reason: string };
  /** The question that it waited for. */
  repeats?: Kept;
  /** The client was sent to the question already, or cannot be. */
  isSent: boolean;
}

export function holdOf(rooms: Rooms, { attempt, generation, control }: Arrived): Hold {
  const heldMs = attempt.door === 'check' ? 0 : rooms.approvals.holdMs;
  return {
    attempt,
    generation,
    control,
    untilMs: rooms.clock.monotonicMs() + heldMs,
    isMute: attempt.during !== undefined || attempt.sentAs !== undefined,
    isTask: false,
    ticks: 0,
    isSent: generation !== '2026' || control.ask !== undefined || approvalNamed(attempt) !== null,
  };
}

/** The version of what an action is done to: whether the catalog says how it is read, and the reading. */
export interface Version {
  readonly isKept: boolean;
  /** Digest of the version; null: it could not be read. */
  read(): Promise<string | null>;
}
