/** Members of `_meta` that are ours. From upstreams `dev.lanyard/*` is dropped; ours never reach them. */
export const META = {
  prefix: 'dev.lanyard/',
  /** Ours, on the result of a denied call. */
  decision: 'dev.lanyard/decision',
  /** Ours, on the result of a call that was allowed and did not end well: `{"code","action"}`. */
  outcome: 'dev.lanyard/outcome',
  /** Ours, on the result of a call that a person edited before it ran: `{"approval","action","arguments"}`. */
  edited: 'dev.lanyard/edited',
  /** An agent's: which of its sessions this request belongs to (2026-07-28 has no sessions of its own). */
  session: 'dev.lanyard/session',
  /** An agent's: the name of the session that this one works for; the two have what they read in common. */
  parent: 'dev.lanyard/parent',
  /** An agent's: names one attempt, so that a repeat of it is recognised. */
  idempotency: 'dev.lanyard/idempotency',
  /** An agent's: why it does this, kept as its own unverified claim. */
  reason: 'dev.lanyard/reason',
  /** An agent's: `true` where it is not sure that it should; rules can then ask a person. */
  unsure: 'dev.lanyard/unsure',
} as const;

/** The value of `dev.lanyard/decision`. */
export interface DecisionMeta {
  readonly decision: 'deny' | 'review';
  readonly code: string;
  readonly rules: readonly string[];
  readonly reason: string;
  /** The action's id; absent where the attempt was refused before it became an action. */
  readonly action?: string;
  readonly reviews?: readonly string[];
  /** The question that people were asked, and until when it is open. */
  readonly approval?: string;
  readonly expires?: string;
}
