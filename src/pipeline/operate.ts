import type { Clock } from '../base/clock.ts';
import { type Problem, problem } from '../base/errors.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { EntryFields, EntryKind } from '../contract/log-entry.ts';
import type { Statement } from '../contract/statement.ts';
import type { Person } from '../model/person.ts';
import type { CellChange } from '../store/store.ts';
import { changeOf } from './acts/change.ts';
import { type About, whyNot } from './acts/rights.ts';
import type { Proof } from './credentials/proof.ts';
import type { Recorder } from './record.ts';
import type { Draft } from './recording/draft.ts';

/** Every act of an operator, and the kind of its entry. Each tightens or widens; what is not listed as tightening widens. */
export const ACTS = {
  stop: { direction: 'tightens', kind: 'containment.stopped' },
  revoke: { direction: 'tightens', kind: 'operator.revoked' },
  release: { direction: 'widens', kind: 'containment.released' },
  'release-first': { direction: 'widens', kind: 'containment.release-signed' },
  apply: { direction: 'widens', kind: 'operator.applied' },
  token: { direction: 'widens', kind: 'operator.token' },
  accept: { direction: 'widens', kind: 'operator.accepted' },
  approve: { direction: 'widens', kind: 'approval.answered' },
  'approve-batch': { direction: 'widens', kind: 'approval.batch' },
  // It widens nothing, and stands here so that it is signed like a real answer.
  'test-approval': { direction: 'widens', kind: 'approval.tested' },
  edit: { direction: 'widens', kind: 'approval.edited' },
  answer: { direction: 'widens', kind: 'appeal.answered' },
  resolve: { direction: 'widens', kind: 'operator.resolved' },
  'close-case': { direction: 'widens', kind: 'case.closed' },
  deny: { direction: 'tightens', kind: 'approval.answered' },
  cancel: { direction: 'tightens', kind: 'approval.cancelled' },
  grant: { direction: 'widens', kind: 'grant.given' },
  'revoke-grant': { direction: 'tightens', kind: 'grant.revoked' },
  look: { direction: 'widens', kind: 'containment.looked' },
  'take-over': { direction: 'widens', kind: 'containment.taken-over' },
  // Each removes or moves what would bring a person here: whoever wants to act unseen would begin with these.
  acknowledge: { direction: 'widens', kind: 'alert.acknowledged' },
  subscribe: { direction: 'widens', kind: 'operator.subscribed' },
  unsubscribe: { direction: 'widens', kind: 'operator.unsubscribed' },
  confirm: { direction: 'widens', kind: 'operator.confirmed' },
  invite: { direction: 'widens', kind: 'person.invited' },
  enrol: { direction: 'widens', kind: 'person.enrolled' },
  'end-session': { direction: 'tightens', kind: 'person.signed-out' },
  'remove-passkey': { direction: 'widens', kind: 'person.removed' },
  'recovery-codes': { direction: 'widens', kind: 'person.codes' },
  'stop-key': { direction: 'widens', kind: 'person.stop-key' },
  'revoke-stop-key': { direction: 'widens', kind: 'person.stop-key-revoked' },
  'stop-codes': { direction: 'widens', kind: 'person.stop-codes' },
} as const satisfies Record<string, { direction: 'tightens' | 'widens'; kind: EntryKind }>;

export type ActName = keyof typeof ACTS;

/** Acts that mean nothing unless a person did them: no socket does, not even while nobody can sign. */
const PERSONAL: ReadonlySet<string> = new Set<ActName>([
  'answer',
  'look',
  'resolve',
  'take-over',
  'test-approval',
]);

/**
 * Who acts. The socket proves only that a program of the same user acts: nobody's answer. A person has signed in; for
 * what widens she signs the exact change as well.
 */
export type Operator =
  | { readonly by: 'socket' | 'start' | 'claim' | 'recovery' }
  /** An agent by its own credential: it can freeze itself, and nothing else. */
  | { readonly by: 'agent'; readonly agent: string }
  /** Who came with an invitation or a recovery code: it is good for a passkey, and for nothing else. */
  | { readonly by: 'code'; readonly person: Person }
  | { readonly by: 'person'; readonly person: Person; readonly proof?: Proof };

/** What the corridor stands on. `claimed`: whether a passkey was ever enrolled; from then on what widens needs a proof. */
export interface OperatingGround {
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** `sha256:` of the log's verifier key line. */
  readonly instance: string;
  claimed(): boolean;
}

/** One operator's act, ready to be done. */
export interface OperatorAct<T> {
  readonly name: ActName;
  /** An `apply` that only adds forbids or lowers levels. */
  readonly tightens?: boolean;
  /** Whom it touches, for who may. */
  readonly about?: About;
  /** Of an answer to an approval: what the statement says besides the change. */
  readonly answers?: Required<Pick<Statement, 'approval' | 'digest' | 'rules' | 'answer'>>;
  /** Good with a signed-in session alone: for answers to what is reversible and reaches nobody outside. */
  readonly unsigned?: boolean;
  /** What the entry says, besides who and by what proof. */
  readonly fields: Omit<EntryFields, 'kind'>;
  readonly cells: readonly CellChange[];
  /** Of what widens: entries that stand in the log with it, in one commit; the signature is over what names them. */
  readonly beside?: readonly EntryFields[];
  /** Refuses now, before anything is recorded; null where nothing stands against it. */
  readonly refuse?: (operator?: Operator) => Promise<Problem | null>;
  /** What must not overlap with others of its kind, while it is done; not while it waits for a signature. */
  within?<R>(run: () => Promise<R>): Promise<R>;
  /** The effect in memory. Cannot fail. */
  apply(operator?: Operator): T;
  /** Of what tightens: what its entry says besides, known only once it has taken effect. */
  told?(value: T): Promise<Partial<EntryFields>>;
  /** Of what tightens: writes its entry, where that may be one for several acts. Rejects as the recorder does. */
  record?(recorder: Recorder, draft: Draft): Promise<void>;
}

export interface Done<T> {
  readonly value: T;
  /** Set when a tightening act took effect and could not be recorded. */
  readonly unrecorded?: string;
}

/** Why an act that widens is not done without a person: she signs it at `control`. */
const PROOF_NEEDED = problem('PROOF_NEEDED');

/**
 * The second corridor: what people do. What tightens is applied first and recorded then, and never fails for want of a
 * record; what widens is durable before it has any effect.
 *
 *   may they? ─▶ stands nothing against it? ─▶ proved? ─▶ tightens: apply ─▶ RECORD
 *                                                      └▶ widens:   RECORD ─▶ apply
 */
export function operate<T>(
  ground: OperatingGround,
  operator: Operator,
  act: OperatorAct<T>,
): Promise<Result<Done<T>, Problem>> {
  const run = () => operateNow(ground, operator, act);
  return act.within === undefined ? run() : act.within(run);
}

async function operateNow<T>(
  ground: OperatingGround,
  operator: Operator,
  act: OperatorAct<T>,
): Promise<Result<Done<T>, Problem>> {
  const isTight = isTightening(act);
  const refusal = whyRefused(ground, operator, act) ?? (await act.refuse?.(operator)) ?? null;
  if (refusal !== null) return err(refusal);
  const proved = prove(ground, operator, act);
  if (!proved.ok) return proved;
  const fields = { ...act.fields, kind: ACTS[act.name].kind, ...said(act), ...proved.value };
  return isTight ? tighten(ground, operator, act, fields) : widen(ground, operator, act, fields);
}

async function tighten<T>(
  { recorder }: OperatingGround,
  operator: Operator,
  act: OperatorAct<T>,
  fields: EntryFields,
): Promise<Result<Done<T>, Problem>> {
  const value = act.apply(operator);
  const draft = { fields: { ...fields, ...(await act.told?.(value)) }, cells: act.cells };
  try {
    await (act.record?.(recorder, draft) ?? recorder.record(draft));
    return ok({ value });
  } catch (error) {
    recorder.owe(draft);
    return ok({ value, unrecorded: String(error) });
  }
}

async function widen<T>(
  { recorder }: OperatingGround,
  operator: Operator,
  act: OperatorAct<T>,
  fields: EntryFields,
): Promise<Result<Done<T>, Problem>> {
  try {
    const beside = (act.beside ?? []).map((more) => ({ fields: more }));
    await recorder.recordTogether([{ fields, cells: act.cells }, ...beside]);
  } catch (error) {
    // Should the store have kept it all the same (S3), the log shows it, and the next start follows the log.
    return err(problem('UNRECORDED', { why: String(error) }));
  }
  return ok({ value: act.apply(operator) });
}

/** An apply that tightens says so, since the log alone cannot tell. */
const said = (act: OperatorAct<unknown>) =>
  act.name === 'apply' && act.tightens === true ? { tightens: true } : {};

function isTightening(act: OperatorAct<unknown>): boolean {
  return ACTS[act.name].direction === 'tightens' || act.tightens === true;
}

/** What a person signs of an act, besides purpose, instance, expiry and nonce. */
export function statedOf(
  act: OperatorAct<unknown>,
): Pick<Statement, 'change' | 'approval' | 'digest' | 'rules' | 'answer'> & { readonly change: string } {
  return { change: changeOf({ ...act.fields, kind: ACTS[act.name].kind }), ...act.answers };
}

function whyRefused(ground: OperatingGround, operator: Operator, act: OperatorAct<unknown>): Problem | null {
  if (operator.by === 'person') {
    const why = whyNot(operator.person, act.name, isTightening(act), act.about ?? {});
    if (why !== null) return why;
    return needsProof(act) && operator.proof === undefined ? PROOF_NEEDED : null;
  }
  if (operator.by === 'agent') return whyNotAgent(operator.agent, act);
  if (operator.by === 'code') return act.name === 'enrol' ? null : PROOF_NEEDED;
  if (PERSONAL.has(act.name)) return problem('PERSON_NEEDED');
  return needsProof(act) && ground.claimed() ? PROOF_NEEDED : null;
}

function whyNotAgent(agent: string, { name, fields }: OperatorAct<unknown>): Problem | null {
  if (name === 'stop' && fields['scope'] === `agent:${agent}` && fields['level'] !== 'killed') return null;
  return problem('ITSELF_ALONE');
}

export function needsProof(act: OperatorAct<unknown>): boolean {
  return !isTightening(act) && act.unsigned !== true;
}

/** Who acted and what proves it, as the entry says it. Spends the proof. */
function prove(
  ground: OperatingGround,
  operator: Operator,
  act: OperatorAct<unknown>,
): Result<Pick<EntryFields, 'agent' | 'by' | 'person' | 'proof'>, Problem> {
  const proving = needsProof(act);
  if (operator.by === 'code') return ok({ by: operator.by, person: operator.person.id });
  if (operator.by === 'agent') return ok({ by: operator.by, agent: operator.agent });
  if (operator.by !== 'person') return ok({ by: operator.by, ...(proving ? { proof: 'none' } : {}) });
  const who = { by: 'person', person: operator.person.id };
  if (!proving || operator.proof === undefined) return ok(who);
  const stated = {
    purpose: act.name,
    instance: ground.instance,
    person: operator.person.id,
    ...statedOf(act),
  };
  const spent = operator.proof.spend(stated, ground.clock.now());
  return spent.ok ? ok({ ...who, proof: spent.value }) : spent;
}
