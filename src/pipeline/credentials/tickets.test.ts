import { expect, test } from 'vitest';
import { digestOf } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';
import { Tickets } from './tickets.ts';

test('the first code is good for ten minutes, and the newest alone', () => {
  let nowMs = 1_000_000;
  const tickets = new Tickets({ now: () => nowMs, monotonicMs: () => nowMs });
  tickets.setClaim('ada', 'OLDER', nowMs + LIMITS.enrolCodeMs);
  tickets.setClaim('ada', 'NEWER', nowMs + LIMITS.enrolCodeMs);
  expect(LIMITS.enrolCodeMs).toBe(600_000);
  expect(tickets.find('OLDER')).toBeNull();
  nowMs += 599_999;
  expect(tickets.find('NEWER')).toMatchObject({ via: 'code', subject: 'ada' });
  nowMs += 1;
  expect(tickets.find('NEWER')).toBeNull();
});

test('a code is spent once, whatever it was for, and takes no other with it', () => {
  const tickets = new Tickets({ now: () => 0, monotonicMs: () => 0 });
  const invitation = {
    id: 'i',
    subject: 'grace',
    verifier: digestOf('INVITED'),
    invitedBy: 'ada',
    expiresAtMs: 1,
  };
  tickets.putInvitation(invitation);
  tickets.setRecovery('ada', [digestOf('LOST-1'), digestOf('LOST-2')]);
  for (const code of ['INVITED', 'LOST-1']) {
    const found = tickets.find(code);
    expect(found).not.toBeNull();
    if (found !== null) tickets.spend(found);
    expect(tickets.find(code)).toBeNull();
  }
  expect(tickets.find('LOST-2')).toMatchObject({ via: 'recovery', subject: 'ada' });
});
