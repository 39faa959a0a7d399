import { randomBytes } from 'node:crypto';
import { toInstant } from '../../src/base/clock.ts';
import type { Result } from '../../src/base/result.ts';
import type { AnswerState } from '../../src/contract/approval.ts';
import type { Person } from '../../src/model/person.ts';
import {
  approve as approveAct,
  cancel as cancelAct,
  deny as denyAct,
} from '../../src/pipeline/approval-acts.ts';
import type { Kept } from '../../src/pipeline/approval-kept.ts';
import { type Done, type OperatorAct, operate, statedOf } from '../../src/pipeline/operate.ts';
import { issueProof } from '../../src/pipeline/proof.ts';
import type { TestHouse } from './test-house.ts';

/** People who answer, in a house without doors: what `control` makes of a verified assertion is made here by hand. */

/** Somebody has enrolled a passkey: the instance is claimed, and she can answer. */
export function enrol({ house }: TestHouse, ...people: readonly string[]): void {
  for (const person of people) {
    const key = { publicKey: '', cose: '', rpId: 'localhost', origin: 'http://localhost' };
    house.passkeys.put({ credential: `key-of-${person}`, person, via: 'code', ...key });
  }
}

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
): Promise<Result<Done<T>, string>> {
  const { ground } = test.house;
  const proof = issueProof({
    statement: {
      purpose: act.name,
      instance: ground.instance,
      person,
      ...statedOf(act),
      expiry: toInstant(ground.clock.now() + 60_000),
      nonce: randomBytes(16).toString('base64url'),
    },
    credential: `key-of-${person}`,
    authenticatorData: '',
    clientDataJSON: '',
    signature: '',
  });
  return operate(ground, { by: 'person', person: personOf(test, person), proof }, act);
}

/** The only question there is, or the newest. */
export function question({ rooms }: TestHouse): Kept {
  const kept = rooms.approvals.all().at(-1);
  if (kept === undefined) throw new Error('nobody was asked anything');
  return kept;
}

export type Given = Promise<Result<Done<AnswerState>, string>>;

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
