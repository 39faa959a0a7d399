import { expect, test } from 'vitest';
import { isEnough } from '../approval/who.ts';
import { toInstant } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import { type Passkey, Passkeys } from '../pipeline/passkeys.ts';
import { HouseElectorate } from './electorate.ts';

const START = Date.parse('2026-11-20T00:00:00Z');

function passkey(person: string, more: Partial<Passkey> = {}): Passkey {
  const key = { publicKey: '', cose: '', rpId: 'localhost', origin: 'http://localhost:7702' };
  return { credential: `key of ${person}`, person, ...key, via: 'code', enrolled: toInstant(START), ...more };
}

test('P5 a quorum does not count a newcomer beside whoever invited her, and does a week later', () => {
  let nowMs = START + 1;
  const passkeys = new Passkeys({ now: () => nowMs, monotonicMs: () => 0 });
  const people = ['ada', 'grace'].map((id) => ({ id, name: id, roles: ['reviewer'] as const }));
  const electorate = new HouseElectorate(passkeys, () => people);
  passkeys.put(passkey('ada'));
  passkeys.put(passkey('grace', { via: 'invitation', invitedBy: 'ada' }));
  const asking = { owner: 'alan', reviews: [{ rule: 'r', who: '2 of role:reviewer' }] };
  expect(isEnough(asking, [...electorate.voters().values()])).toBe(false);
  nowMs = START + LIMITS.newcomerMs + 1;
  expect(isEnough(asking, [...electorate.voters().values()])).toBe(true);
});
