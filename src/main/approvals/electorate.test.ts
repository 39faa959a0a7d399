import { expect, test } from 'vitest';
import { isEnough } from '../../approval/who.ts';
import { toInstant } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Person } from '../../model/person.ts';
import { type Passkey, Passkeys } from '../../pipeline/credentials/passkeys.ts';
import { HouseElectorate } from './electorate.ts';

const START = Date.parse('2026-11-20T00:00:00Z');

function passkey(person: string, more: Partial<Passkey> = {}): Passkey {
  const key = { publicKey: '', cose: '', rpId: 'localhost', origin: 'http://localhost:7702' };
  return { credential: `key of ${person}`, person, ...key, via: 'code', enrolled: toInstant(START), ...more };
}

const peopleOf = (...ids: string[]): ReadonlyMap<string, Person> =>
  new Map(ids.map((id) => [id, { id, name: id, roles: ['reviewer'] }]));

test('P5 a quorum does not count a newcomer beside whoever invited her, and does a week later', () => {
  let nowMs = START + 1;
  const clock = { now: () => nowMs, monotonicMs: () => 0 };
  const passkeys = new Passkeys(clock);
  const people = peopleOf('ada', 'grace');
  const electorate = new HouseElectorate(passkeys, clock, () => people);
  passkeys.put(passkey('ada'));
  passkeys.put(passkey('grace', { via: 'invitation', invitedBy: 'ada' }));
  const asking = { owner: 'alan', reviews: [{ rule: 'r', who: '2 of role:reviewer' }] };
  expect(isEnough(asking, [...electorate.voters().values()])).toBe(false);
  nowMs = START + LIMITS.newcomerMs + 1;
  expect(isEnough(asking, [...electorate.voters().values()])).toBe(true);
});

test('P5 a newcomer whom several invited counts beside none of them, and nobody invites herself', () => {
  const clock = { now: () => START, monotonicMs: () => 0 };
  const passkeys = new Passkeys(clock);
  const people = peopleOf('ada', 'bob', 'grace', 'sam');
  const electorate = new HouseElectorate(passkeys, clock, () => people);
  for (const person of ['ada', 'bob']) passkeys.put(passkey(person));
  passkeys.put(passkey('grace', { via: 'invitation', invitedBy: 'ada' }));
  passkeys.put(passkey('grace', { via: 'invitation', invitedBy: 'bob', credential: 'another of grace' }));
  passkeys.put(passkey('sam', { via: 'second', invitedBy: ['ada', 'bob', 'sam'] }));
  const asking = { owner: 'alan', reviews: [{ rule: 'r', who: '2 of role:reviewer' }] };
  const enough = (...ids: string[]) =>
    isEnough(
      asking,
      ids.flatMap((id) => electorate.voters().get(id) ?? []),
    );
  expect(enough('ada', 'bob')).toBe(true);
  for (const newcomer of ['grace', 'sam'])
    for (const admin of ['ada', 'bob']) expect(enough(newcomer, admin)).toBe(false);
  expect(enough('grace', 'sam')).toBe(true);
});

test('who can answer is told anew in the very moment in which people or passkeys change', () => {
  const clock = { now: () => START, monotonicMs: () => 0 };
  const passkeys = new Passkeys(clock);
  let people = peopleOf('ada', 'grace');
  const electorate = new HouseElectorate(passkeys, clock, () => people);
  const voters = () => [...electorate.voters().keys()];
  expect(voters()).toEqual([]);
  passkeys.put(passkey('ada'));
  expect(voters()).toEqual(['ada']);
  passkeys.put(passkey('grace'));
  expect(voters()).toEqual(['ada', 'grace']);
  passkeys.remove('key of ada');
  expect(voters()).toEqual(['grace']);
  people = peopleOf('ada');
  expect(voters()).toEqual([]);
});
