import type { Review } from './decision.ts';

/** What a person says to one question. */
export type Vote = 'approve' | 'deny';

/** One counted answer. */
export interface Voted {
  readonly person: string;
  readonly answer: Vote;
  readonly atMs: number;
}

/** Where one approval stands. `open`: it can be answered, and once enough have said yes, spent. */
const PHASES = ['open', 'denied', 'expired', 'spent', 'cancelled'] as const;
type Phase = (typeof PHASES)[number];

/** One question to people about one action, bound to its digest and to the rules that ask. Times are epoch milliseconds. */
export interface Approval {
  readonly id: string;
  /** The action that would be executed, and its digest: an edit replaces both. */
  readonly action: string;
  readonly digest: string;
  /** What the agent asked for, where a person has edited it since. */
  readonly original?: { readonly action: string; readonly digest: string };
  readonly agent: string;
  /** The agent's owner and backup when it was asked. */
  readonly owner: string;
  readonly backup?: string;
  /** The reviews that it would discharge, and nothing else. */
  readonly reviews: readonly Review[];
  /** What it is about could be taken back and reached nobody outside when it was asked: a session may answer it. */
  readonly isMild?: boolean;
  /** Digest of the rules that ask. */
  readonly policy: string;
  readonly askedAtMs: number;
  /** How long a question like this stays open. */
  readonly spanMs: number;
  readonly expiresAtMs: number;
  readonly phase: Phase;
  /** It ran out once, and a late yes opened it again: that is possible once. */
  readonly isRevived: boolean;
  readonly answers: readonly Voted[];
  /** Who has looked at it. */
  readonly shownTo: readonly string[];
}

/** A person as far as she counts for a question. */
export interface Voter {
  readonly id: string;
  readonly roles: readonly string[];
  /** Who enrolled her within the last days, everybody who did: none of them counts together with her. */
  readonly enrolledBy?: readonly string[];
}
