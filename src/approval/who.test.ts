import { describe, expect, test } from 'vitest';
import type { Voter } from '../model/approval.ts';
import { besideWhom, entitled, isEnough, isEntitled, readWhom } from './who.ts';

const ada: Voter = { id: 'ada', roles: ['owner', 'reviewer'] };
const grace: Voter = { id: 'grace', roles: ['reviewer', 'security'] };
const alan: Voter = { id: 'alan', roles: ['reviewer'] };
const kurt: Voter = { id: 'kurt', roles: ['auditor'] };
const all = [ada, grace, alan, kurt];

const asking = (...whos: string[]) => ({
  owner: 'ada',
  backup: 'grace',
  reviews: whos.map((who, i) => ({ who, rule: `r${i}` })),
});

describe('P5 who may answer', () => {
  test.each([
    ['owner', ['ada']],
    ['owner-or-backup', ['ada', 'grace']],
    ['role:security', ['grace']],
    ['2 of role:reviewer', ['ada', 'grace', 'alan']],
    ['person:alan', ['alan']],
    ['somebody', []],
    ['', []],
  ])('%s: %j', (who, ids) => {
    expect(entitled(asking(who), all)).toEqual(ids);
  });

  test('is nobody that no review names', () => {
    expect(isEntitled(asking('owner', 'role:security'), kurt)).toBe(false);
  });
});

describe('P5 how many are enough', () => {
  test.each<[string[], Voter[], boolean]>([
    [[], [ada, grace, alan, kurt], false],
    [['owner'], [], false],
    [['owner'], [ada], true],
    [['owner'], [grace, alan], false],
    [['owner', 'owner'], [ada], true],
    [['owner', 'owner-or-backup'], [ada], true],
    [['owner', 'owner-or-backup'], [grace], false],
    [['role:security'], [grace], true],
    [['owner', 'role:reviewer'], [ada], true],
    [['2 of role:reviewer'], [ada], false],
    [['2 of role:reviewer'], [ada, ada], false],
    [['2 of role:reviewer'], [ada, alan], true],
    [['1 of role:reviewer'], [ada], false],
    [['1 of role:reviewer'], [alan], true],
    [['role:security', 'role:reviewer'], [grace], false],
    [['role:security', 'role:reviewer'], [grace, alan], true],
    [['role:security', '2 of role:reviewer'], [grace, alan], false],
    [['role:security', '2 of role:reviewer'], [alan, grace, ada], true],
    [['person:alan', 'role:security'], [alan], false],
    [['person:alan', 'role:security'], [alan, grace], true],
    [['0 of role:reviewer'], [ada, grace, alan], false],
    [['somebody'], [ada, grace, alan, kurt], false],
  ])('%j with %j: %s', (whos, yes, enough) => {
    expect(isEnough(asking(...whos), yes)).toBe(enough);
  });

  test('nobody counts beside the one who enrolled her lately', () => {
    const fresh: Voter = { ...alan, enrolledBy: ['kurt', 'grace'] };
    expect(isEnough(asking('2 of role:reviewer'), [grace, fresh])).toBe(false);
    expect(isEnough(asking('2 of role:reviewer'), [ada, fresh])).toBe(true);
    expect(besideWhom(fresh, [grace, fresh])).toEqual(['grace']);
    expect(besideWhom(fresh, [ada, fresh])).toEqual([]);
    expect(besideWhom(grace, [grace, fresh])).toEqual([]);
  });
});

test('reads nothing as a quorum of nobody', () => {
  expect(readWhom('0 of role:reviewer', 'ada', undefined)).toEqual({ kind: 'named', people: [] });
});
