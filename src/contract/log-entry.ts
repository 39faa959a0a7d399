import type { Json } from '../base/json.ts';
import type { StoredProof } from './statement.ts';

/** A target as the log and answers name it. */
export type TargetShape = {
  readonly type: string;
  readonly id: string;
};

/**
 * One entry of the log as `log show --json` and bundles print it, without `leaf`. Times are RFC 3339 UTC with
 * milliseconds; digests are `sha256:` and lower-case hex. Which optional members stand depends on `kind`; a reader
 * ignores members it does not know.
 */
export interface EntryFields {
  readonly kind: EntryKind;
  readonly action?: string;
  readonly agent?: string;
  readonly owner?: string;
  readonly session?: string;
  /** The session that this one works for, where it said so. */
  readonly parent?: string;
  /** Names the token that was shown, without being it. */
  readonly token?: string;
  /** By which door the attempt came: `mcp`, `check`, `egress` or `run`. */
  readonly door?: string;
  readonly operation?: string;
  /** The first, or only, one. */
  readonly target?: TargetShape;
  /** All, where there are several. */
  readonly targets?: readonly TargetShape[];
  /** Digest of the definition that the operation was pinned with. */
  readonly pin?: string;
  /** Of the action: agent, operation, pin, targets and `argumentsDigest`. */
  readonly digest?: string;
  /** Salted: the salt is with the arguments, beside the log. */
  readonly argumentsDigest?: string;
  readonly decision?: 'allow' | 'review' | 'deny';
  /** Why not, as one of our codes (base/errors.ts). */
  readonly code?: string;
  /** Ids of the rules that determined the decision. */
  readonly rules?: readonly string[];
  /** Whom rules asked: `owner`, `role:reviewer`, … */
  readonly reviews?: readonly string[];
  /** Digest of the rules that it was decided by. */
  readonly policy?: string;
  /** What the session had read when this was decided; absent: nothing. */
  readonly marks?: readonly string[];
  /** Of an allow: what its answer marks the session with, unless it was aborted; of an outcome: what else came on the way. */
  readonly brings?: readonly string[];
  readonly outcome?: 'ok' | 'failed' | 'aborted' | 'unknown';
  /** Of an operator's act: who acted. `person` names her, where it was one who had signed in. */
  readonly by?: string;
  readonly person?: string;
  /** Of what widens: a person's assertion, or `none` where nobody had ever enrolled a passkey. */
  readonly proof?: 'none' | StoredProof;
  readonly [member: string]: Json | undefined;
}

export const ENTRY_KINDS = [
  'action.continued',
  'action.decided',
  'action.outcome',
  'action.task',
  'alert.acknowledged',
  'alert.raised',
  'appeal.answered',
  'appeal.expired',
  'appeal.made',
  'appeal.repeated',
  'approval.answered',
  'approval.asked',
  'approval.batch',
  'approval.cancelled',
  'approval.carried',
  'approval.edited',
  'approval.expired',
  'approval.shown',
  'approval.spent',
  'approval.tested',
  'case.closed',
  'case.joined',
  'case.opened',
  'containment.budget',
  'containment.lease-due',
  'containment.leased',
  'containment.looked',
  'containment.release-signed',
  'containment.released',
  'containment.revoked',
  'containment.revoking',
  'containment.stopped',
  'containment.taken-over',
  'containment.tripped',
  'drill.done',
  'drill.overdue',
  'grant.ended',
  'grant.given',
  'grant.revoked',
  'grant.spent',
  'instance.brake',
  'instance.coverage',
  'instance.gap',
  'instance.pin-changed',
  'instance.pinned',
  'instance.refused',
  'instance.started',
  'instance.stop-channel',
  'instance.stopped',
  'notice.failed',
  'notice.sent',
  'operator.accepted',
  'operator.applied',
  'operator.confirmed',
  'operator.resolved',
  'operator.revoked',
  'operator.subscribed',
  'operator.token',
  'operator.unsubscribed',
  'person.codes',
  'person.enrolled',
  'person.invited',
  'person.removed',
  'person.signed-in',
  'person.signed-out',
  'person.stop-codes',
  'person.stop-key',
  'person.stop-key-revoked',
  'run.ended',
  'run.started',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** An entry with its place: `seq` counts from 0 and is the leaf's index in the tree. */
export interface Entry extends EntryFields {
  readonly seq: number;
  readonly at: string;
}

/** An entry out of the log, which held it to this shape when it was written. `text`: its JSON. */
export function entryIn(text: string): Entry {
  return JSON.parse(text) as Entry;
}

/** An entry as printed; `leaf` is the base64 RFC 6962 leaf hash of the RFC 8785 text of the rest. */
export interface PrintedEntry extends Entry {
  readonly leaf: string;
}

export const BUNDLE_FORMAT = 'lanyard-log/1';

/** The first line of an exported bundle; the entries that the checkpoint covers follow, one a line. */
export interface BundleHeader {
  readonly format: typeof BUNDLE_FORMAT;
  readonly origin: string;
  /** C2SP signed-note verifier key: `<name>+<hash>+<base64>`. */
  readonly key: string;
  /** C2SP tlog-checkpoint, as a signed note. */
  readonly checkpoint: string;
}
