import { canonicalize } from '../../base/canonical.ts';
import type { Problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Doing } from '../../containment/levels.ts';
import type { Action, TargetRef } from '../../model/action.ts';
import type { Approval } from '../../model/approval.ts';
import type { CellChange } from '../../store/store.ts';
import { saltedDigest } from '../action/action.ts';

/** Why a question ended without an answer. */
export type CancelReason =
  | 'operator'
  | 'rules-changed'
  | 'owner-changed'
  | 'more-asked'
  | 'target-changed'
  | 'needless'
  | 'granted'
  | 'agent-gone'
  | 'killed'
  | 'edit-unfit'
  | 'state-differs'
  | 'unrecorded';

/** One question as it is kept: where it stands, and what it takes to know its action again. */
export interface Kept {
  approval: Approval;
  /** What the agent asked for. */
  readonly asked: AskedFor;
  /** What a person made of it: this is executed instead. */
  edited?: Edited;
  /** While its first entries are being recorded: whether they could be. */
  recorded?: Promise<Problem | null>;
  /** Once it was cancelled: whoever waited for it is told. */
  cancelledFor?: CancelReason;
}

/** Who asked for what, but for the arguments: a repeat of the agent brings those again. */
interface AskedFor {
  /** The place of its first entry in the log, or an earlier one. */
  readonly from: number;
  readonly operation: string;
  readonly method: string;
  readonly name: string;
  readonly door: string;
  readonly session: string;
  readonly token: string | null;
  readonly point?: string;
  readonly idempotency?: string;
  readonly action: string;
  readonly digest: string;
  readonly argumentsDigest: string;
  /** Of the arguments' text: what is longer or shorter cannot be the same. */
  readonly length: number;
  readonly salt: string;
  readonly pin: string | null;
  readonly targets: readonly TargetRef[];
  /** Digest of the target's version; null: it could not be read; absent: the catalog does not say how. */
  readonly state?: string | null;
}

/** What it would do, as far as a stop can be about it. */
export function doingOf({ asked: { session, operation, targets } }: Kept): Doing {
  const [, upstream = ''] = /^[a-z]+:([^/]+)\//.exec(operation) ?? [];
  return { session, operation, upstream, targets };
}

/** Arguments that a person wrote, stored because no redaction would change them. */
export interface Edited {
  readonly by: string;
  readonly action: string;
  readonly digest: string;
  readonly argumentsDigest: string;
  readonly arguments: JsonObject;
  readonly salt: string;
  /** What it would now be done to; absent in what an earlier version kept. */
  readonly targets?: readonly TargetRef[];
  /** As of what was asked for, but of the targets that it has become. */
  readonly state?: string | null;
}

/** Digest of the version of what would be done to, as it was when that was asked about; undefined: nothing says how it is read. */
export function versionAskedOf({ asked, edited }: Kept): string | null | undefined {
  return edited?.state === undefined ? asked.state : edited.state;
}

/** What it would be done to as it stands: as it was asked for, or as a person made it. */
export function targetsNow({ asked, edited }: Kept): readonly TargetRef[] {
  return edited?.targets ?? asked.targets;
}

export function askedFor(action: Action, from: number, state: string | null | undefined): AskedFor {
  const { operation, method, name, door, session, token, point, idempotency } = action;
  return {
    from,
    operation,
    method,
    name,
    door,
    session,
    token,
    ...(point === undefined ? {} : { point }),
    ...(idempotency === undefined ? {} : { idempotency }),
    action: action.id,
    digest: action.digest,
    argumentsDigest: action.argumentsDigest,
    length: action.argumentsText.length,
    salt: Buffer.from(action.salt).toString('base64'),
    pin: action.pin,
    targets: action.namedTargets.map(({ type, id }) => ({ type, id })),
    ...(state === undefined ? {} : { state }),
  };
}

/** Whether this action is the one that was asked about: same agent, operation, definition, targets and arguments, by the same door. */
export function matches({ asked }: Kept, action: Action): boolean {
  if (asked.operation !== action.operation || asked.length !== action.argumentsText.length) return false;
  if (asked.method !== action.method || asked.name !== action.name || asked.door !== action.door)
    return false;
  if (asked.point !== action.point || asked.pin !== action.pin || action.sentAs !== undefined) return false;
  if (!sameTargets(asked.targets, action.namedTargets)) return false;
  return saltedDigest(saltOf(asked), action.argumentsText) === asked.argumentsDigest;
}

export function sameTargets(a: readonly TargetRef[], b: readonly TargetRef[]): boolean {
  return a.length === b.length && a.every(({ type, id }, i) => type === b[i]?.type && id === b[i]?.id);
}

export function saltOf({ salt }: { readonly salt: string }): Uint8Array {
  return Buffer.from(salt, 'base64');
}

/** The action under the identity that was asked about, or edited to. */
export function continuing(
  action: Action,
  as: { action: string; digest: string; argumentsDigest: string; salt: string },
): Action {
  const { digest, argumentsDigest } = as;
  return { ...action, id: as.action, salt: saltOf(as), digest, argumentsDigest };
}

export function keptCell({ approval, asked, edited }: Kept): CellChange {
  const value = JSON.stringify({ approval, asked, ...(edited === undefined ? {} : { edited }) });
  return { kind: 'approval', key: approval.id, value };
}

/** Reads a cell; null where it is none of ours. Whether it says what the log says is `isGenuine`'s to tell. */
export function readKept(text: string): Kept | null {
  try {
    const { approval, asked, edited } = JSON.parse(text) as Partial<Kept>;
    if (typeof approval?.id !== 'string' || !Number.isSafeInteger(asked?.from)) return null;
    if (asked === undefined || !Array.isArray(asked.targets)) return null;
    return { approval, asked, ...(edited === undefined ? {} : { edited }) };
  } catch {
    return null;
  }
}

/** The digest of an action like this one, were its arguments those of that digest. */
export function digestWith(
  { agent, operation, pin, namedTargets }: Pick<Action, 'agent' | 'operation' | 'pin' | 'namedTargets'>,
  argumentsDigest: string,
): string {
  const targets = namedTargets.map(({ id, type }) => ({ id, type }));
  return digestOf(canonicalize({ agent, argumentsDigest, operation, pin, targets }));
}

/** What a cell says must be what the log says: whoever changed the one has not changed the other. */
export function isGenuine({ asked }: Kept, { agent, digest, action, original }: Approval): boolean {
  const { operation, pin, targets, argumentsDigest } = asked;
  const was = original ?? { action, digest };
  if (asked.digest !== was.digest || asked.action !== was.action) return false;
  return digestWith({ agent, operation, pin, namedTargets: targets }, argumentsDigest) === was.digest;
}
