import { describe, expect, it } from 'vitest';
import type { Person } from '../../model/person.ts';
import { mayStop, whyNot } from './rights.ts';

const person = (roles: Person['roles'], more: Partial<Person> = {}): Person => ({
  id: 'ada',
  name: 'Ada',
  roles,
  ...more,
});
const hers = { agents: [{ owner: 'ada' }] };
const others = { agents: [{ owner: 'ada' }, { owner: 'grace' }] };

describe('who may stop', () => {
  it.each([
    ['an admin', person(['admin'])],
    ['an owner, of anybody’s agent', person(['owner'])],
    ['a reviewer', person(['reviewer'])],
    ['security', person(['security'])],
    ['an auditor who is something else too', person(['auditor', 'reviewer'])],
    ['somebody without any role', person([])],
  ])('%s, of everything and by a key or a code as well', (_, who) => {
    for (const about of [{}, hers, others]) expect(whyNot(who, 'stop', true, about)).toBeNull();
    expect(mayStop(who)).toBe(true);
  });

  it.each([
    ['an auditor and nothing else', person(['auditor']), 'AUDITOR_ONLY'],
    ['an admin who is disabled', person(['admin'], { disabled: true }), 'PERSON_DISABLED'],
  ])('not %s', (_, who, code) => {
    expect(whyNot(who, 'stop', true, hers)).toMatchObject({ code });
    expect(mayStop(who)).toBe(false);
  });
});

describe('who may release', () => {
  it.each([
    ['an admin', person(['admin']), others, true],
    ['security', person(['security']), others, true],
    ['an owner, her own', person(['owner']), hers, true],
    ['an owner, with one of another among them', person(['owner']), others, false],
    ['an owner, what concerns the instance', person(['owner']), {}, false],
    ['a reviewer', person(['reviewer']), hers, false],
    ['an auditor', person(['auditor']), hers, false],
  ] as const)('%s', (_, who, about, may) => {
    for (const act of ['release', 'release-first'] as const)
      expect(whyNot(who, act, false, about) === null).toBe(may);
  });
});
