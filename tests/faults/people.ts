import { randomBytes } from 'node:crypto';
import { toInstant } from '../../src/base/clock.ts';
import type { Problem } from '../../src/base/errors.ts';
import type { Result } from '../../src/base/result.ts';
import type { AnswerState } from '../../src/contract/approval.ts';
import type { StoredProof } from '../../src/contract/statement.ts';
import { challengeOf } from '../../src/control/people/ceremonies.ts';
import type { Person } from '../../src/model/person.ts';
import { invite as inviteAct, passkeyFields } from '../../src/pipeline/acts/people-acts.ts';
import {
  approve as approveAct,
  cancel as cancelAct,
  deny as denyAct,
} from '../../src/pipeline/approval/approval-acts.ts';
import type { Kept } from '../../src/pipeline/approval/approval-kept.ts';
import { approveBatch, type BatchState } from '../../src/pipeline/approval/batch-acts.ts';
import { grant as grantAct } from '../../src/pipeline/approval/grant-acts.ts';
import type { Passkey } from '../../src/pipeline/credentials/passkeys.ts';
import { issueProof } from '../../src/pipeline/credentials/proof.ts';
import { type Done, type OperatorAct, operate, statedOf } from '../../src/pipeline/operate.ts';
import { Authenticator } from '../authenticator.ts';
import type { TestHouse } from './test-house.ts';

/** People who answer, in a house without doors: what `control` makes of a verified assertion is made here by hand. */

const ORIGIN = 'http://localhost';
/** By state and person: they outlive a restart, as people do. */
const authenticators = new Map<string, Authenticator>();

function authenticatorOf({ directory }: TestHouse, person: string): Authenticator {
  const key = `${directory} ${person}`;
  const known = authenticators.get(key) ?? new Authenticator(ORIGIN);
  authenticators.set(key, known);
  return known;
}

/** They have a passkey, and the log says how: the first by the claim, others by an invitation of the first. */
export async function enrol(test: TestHouse, ...people: readonly string[]): Promise<void> {
  const { passkeys, recorder } = test.house;
  const [first = ''] = people;
  const recorded: Promise<unknown>[] = [];
  for (const person of people) {
    if (passkeys.of(person).length > 0) continue;
    const { credential, publicKey } = authenticatorOf(test, person);
    const claims = !passkeys.claimed;
    const passkey: Passkey = {
      credential,
      person,
      publicKey,
      cose: '',
      rpId: 'localhost',
      origin: ORIGIN,
      via: claims ? 'code' : 'invitation',
      enrolled: toInstant(test.house.clock.now()),
    };
    const cells = [{ kind: 'passkey', key: credential, value: JSON.stringify(passkey) }];
    if (!claims) recorded.push(invite(test, person, first));
    const how = claims
      ? ({ by: 'claim', proof: 'none' } as const)
      : { by: 'code', invitation: `to-${person}` };
    const record = recorder.record({
      fields: { kind: 'person.enrolled', ...passkeyFields(passkey), ...how },
      cells,
    });
    recorded.push(record);
    passkeys.put(passkey);
  }
  await Promise.all(recorded);
}

/** In the same tick, so that it stands in the log before the passkey does. */
function invite(test: TestHouse, person: string, first: string): Promise<unknown> {
  const act = inviteAct(test.house.tickets, invitationOf(person, first));
  const proof = proofOf(test, first, act);
  const fields = { ...act.fields, kind: 'person.invited', by: 'person', person: first, proof } as const;
  return test.house.recorder.record({ fields });
}

const invitationOf = (subject: string, invitedBy: string) => ({
  id: `to-${subject}`,
  subject,
  verifier: 'sha256:',
  invitedBy,
  expiresAtMs: 4e12,
});

export function personOf({ house }: TestHouse, id: string): Person {
  const person = house.standing.inForce.people.get(id);
  if (person === undefined) throw new Error(`nobody is ${id}`);
  return person;
}

/** Does an act as this person, with a fresh signature over exactly this. */
export function sign<T>(
  test: TestHouse,
  person: string,
  act: OperatorAct<T>,
): Promise<Result<Done<T>, Problem>> {
  const proof = issueProof(proofOf(test, person, act));
  return operate(test.house.ground, { by: 'person', person: personOf(test, person), proof }, act);
}

function proofOf(test: TestHouse, person: string, act: OperatorAct<unknown>): StoredProof {
  const { ground } = test.house;
  const statement = {
    purpose: act.name,
    instance: ground.instance,
    person,
    ...statedOf(act),
    expiry: toInstant(ground.clock.now() + 60_000),
    nonce: randomBytes(16).toString('base64url'),
  };
  const authenticator = authenticatorOf(test, person);
  const { response } = authenticator.get({ challenge: challengeOf(statement), rpId: 'localhost' });
  const { authenticatorData, clientDataJSON, signature } = response;
  return { statement, credential: authenticator.credential, authenticatorData, clientDataJSON, signature };
}

/** The only question there is, or the newest. */
export function question({ rooms }: TestHouse): Kept {
  const kept = rooms.approvals.all().at(-1);
  if (kept === undefined) throw new Error('nobody was asked anything');
  return kept;
}

export type Given = Promise<Result<Done<AnswerState>, Problem>>;

export function approve(test: TestHouse, person: string, kept = question(test), digest?: string): Given {
  const act = approveAct(test.rooms, kept, person, digest ?? kept.approval.digest, false);
  return test.rooms.approvals.exclusively(kept.approval.id, () => sign(test, person, act));
}

export function deny(test: TestHouse, person: string, kept = question(test)): Given {
  const by = { by: 'person', person: personOf(test, person) } as const;
  return operate(test.house.ground, by, denyAct(test.rooms, kept, person, 'no'));
}

export function cancelBySocket(test: TestHouse, kept = question(test)): Given {
  return operate(test.house.ground, { by: 'socket' }, cancelAct(test.rooms, kept, 'not now'));
}

/** Her yes in advance, at a question. */
export function giveGrant(
  test: TestHouse,
  person: string,
  { times = 3, forMs = 3_600_000 }: { readonly times?: number; readonly forMs?: number } = {},
  kept = question(test),
): Promise<Result<Done<{ readonly grant: string }>, Problem>> {
  const agent = test.house.standing.inForce.agents.get(kept.approval.agent);
  if (agent === undefined) throw new Error('no such agent');
  const terms = { times, untilMs: test.house.clock.now() + forMs };
  return sign(
    test,
    person,
    grantAct(test.rooms, kept, agent, { person, digest: kept.approval.digest }, terms),
  );
}

/** Her one yes to several questions, each to what it is now. */
export function approveAll(
  test: TestHouse,
  person: string,
  kepts: readonly Kept[] = test.rooms.approvals.all(),
): Promise<Result<Done<BatchState>, Problem>> {
  const chosen = kepts.map((kept) => ({ kept, digest: kept.approval.digest }));
  return sign(test, person, approveBatch(test.rooms, chosen, person));
}
