import { randomFillSync } from 'node:crypto';
import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Mutable } from '../../base/mutable.ts';
import { filled, stated } from '../../base/stated.ts';
import type { EntryFields, TargetShape } from '../../contract/log-entry.ts';
import { type Action, type Attempt, operationOf, type Target } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import type { Level } from '../../model/level.ts';
import type { Mark } from '../../model/mark.ts';
import { pastFields } from './past.ts';

const SALT_BYTES = 16;
const saltPool = Buffer.alloc(SALT_BYTES * 256);
let saltsUsed = saltPool.length;

/** 16 random bytes; drawn in bulk, since every action takes some. */
export function newSalt(): Uint8Array {
  if (saltsUsed === saltPool.length) {
    randomFillSync(saltPool);
    saltsUsed = 0;
  }
  const salt = Buffer.from(saltPool.subarray(saltsUsed, saltsUsed + SALT_BYTES));
  saltsUsed += SALT_BYTES;
  return salt;
}

/** SHA-256(salt ‖ text), so that a short argument cannot be guessed from the log. */
export function saltedDigest(salt: Uint8Array, text: string): string {
  const bytes = Buffer.allocUnsafe(salt.length + Buffer.byteLength(text));
  bytes.set(salt);
  bytes.write(text, salt.length);
  return digestOf(bytes);
}

export interface Resolved {
  readonly owner: string;
  readonly pin: string | null;
  readonly targets: readonly Target[];
  /** The arguments with every target in its normal form: what is decided on, digested and sent. */
  readonly arguments: JsonObject;
}

/**
 * The action that an attempt is, once its targets are known. Its digest binds all that is decided and sent: the
 * arguments as they are, salted, and the targets as the log may name them. `clean` takes out what may not be stored.
 */
export function actionOf(
  id: string,
  attempt: Attempt,
  resolved: Resolved,
  clean: (text: string) => string,
): Action {
  const operation = operationOf(attempt);
  const argumentsText = canonicalize(sentArguments(attempt, resolved.arguments));
  const salt = newSalt();
  const argumentsDigest = saltedDigest(salt, argumentsText);
  const { agent, session, parent, reason } = attempt;
  const { owner, pin, targets, arguments: args } = resolved;
  const namedTargets = targets.map((target): TargetShape => ({ id: clean(target.id), type: target.type }));
  const digest = digestOf(canonicalize({ agent, argumentsDigest, operation, pin, targets: namedTargets }));
  const action: Mutable<Action> = {
    ...attempt,
    owner,
    pin,
    targets,
    arguments: args,
    id,
    session: clean(session),
    operation,
    namedTargets,
    argumentsText,
    salt,
    argumentsDigest,
    digest,
  };
  if (parent !== undefined) action.parent = clean(parent);
  if (reason !== undefined) action.reason = clean(reason);
  return action;
}

function sentArguments({ sentAs }: Attempt, normal: JsonObject): JsonObject {
  return sentAs?.method === 'completion/complete' ? sentAs.params : normal;
}

/** A review is one where people were asked; where nobody can be, it is a denial. */
function recordedDecision({ decision, code }: Decision): 'allow' | 'review' | 'deny' {
  if (decision === 'review') return code === 'APPROVAL_PENDING' ? 'review' : 'deny';
  return decision;
}

/** The fields that say whose action an entry is about, beside its kind. */
export function whoseFields({ id, agent, owner, session, token, door, operation }: Action) {
  return { action: id, agent, owner, session, ...(token === null ? {} : { token }), door, operation };
}

/** The fields of `action.decided`. `brings`: what the answer marks the session with, where it may come. */
export function decidedFields(
  action: Action,
  decision: Decision,
  policy: string,
  level: Level,
  brings: readonly Mark[],
): EntryFields {
  const { marks = [] } = decision;
  const targets = action.namedTargets.map(({ id, type }): TargetShape => ({ id, type }));
  const [target] = targets;
  // In the order of the canonical text, which then costs no sorting; the recorder fills in `at` and `seq`.
  return stated({
    action: action.id,
    agent: action.agent,
    approval: decision.approval?.id,
    argumentsDigest: action.argumentsDigest,
    at: '',
    brings: filled(brings),
    claimedReason: action.reason,
    code: decision.code,
    decision: recordedDecision(decision),
    digest: action.digest,
    door: action.door,
    during: action.during,
    grant: decision.grant,
    kind: 'action.decided',
    level: level === 'live' ? undefined : level,
    marks: filled(marks),
    name: action.method === 'prompts/get' ? action.name : undefined,
    operation: action.operation,
    owner: action.owner,
    parent: action.parent,
    past: decision.past === undefined ? undefined : pastFields(decision.past),
    pin: action.pin ?? undefined,
    point: action.point,
    policy,
    reviews: filled(decision.reviews.map((review) => review.who)),
    rules: decision.rules,
    sentAs: action.sentAs?.method,
    seq: 0,
    session: action.session,
    target,
    targets: targets.length > 1 ? targets : undefined,
    token: action.token ?? undefined,
  });
}
