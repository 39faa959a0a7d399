import { describe, expect, it } from 'vitest';
import { coversTargets, isEnoughAlone, isMild, mayStand } from './grant.ts';

const target = (type: string, id: string, ...ancestors: [string, string][]) => ({
  type,
  id,
  ancestors: ancestors.map(([kind, name]) => ({ type: kind, id: name })),
  attributes: { id },
});

describe('P5 what a grant can be for', () => {
  it.each([
    ['draft', 'reversible', true],
    ['comment', 'externally-reversible', true],
    ['comment', 'irreversible', false],
    ['merge', 'reversible', false],
    ['external', 'reversible', false],
    ['unclassified', 'reversible', false],
  ])('%s and %s: %s', (risk, reversibility, expected) => {
    expect(mayStand({ risk, reversibility })).toBe(expected);
  });

  it('nothing that nobody classified', () => {
    expect(mayStand(undefined)).toBe(false);
    expect(isMild(undefined)).toBe(false);
  });

  it('covers a target and what lies in it, but nothing below a directory or an address', () => {
    const comment = target('Comment', '5/1', ['Issue', '5']);
    expect(coversTargets([{ type: 'Issue', id: '5' }], [comment])).toBe(true);
    expect(coversTargets([{ type: 'Issue', id: '6' }], [comment])).toBe(false);
    expect(coversTargets([{ type: 'Issue', id: '5' }], [comment, target('Issue', '6')])).toBe(false);
    const file = target('Path', '/a/b', ['Path', '/a'], ['Path', '/']);
    expect(coversTargets([{ type: 'Path', id: '/a' }], [file])).toBe(false);
    expect(coversTargets([{ type: 'Path', id: '/a/b' }], [file])).toBe(true);
    expect(coversTargets([], [])).toBe(false);
  });

  it('covers no namesake of its kind, though what both lie in was named beside it', () => {
    const repo = target('Repo', 'o/r', ['Org', 'o']);
    const issue = (number: number) => target('Issue', `o/r#${number}`, ['Repo', 'o/r'], ['Org', 'o']);
    const granted = [
      { type: 'Repo', id: 'o/r' },
      { type: 'Issue', id: 'o/r#7' },
    ];
    expect(coversTargets(granted, [repo, issue(7)])).toBe(true);
    expect(coversTargets(granted, [repo, issue(8)])).toBe(false);
    expect(coversTargets(granted, [issue(8)])).toBe(false);
    const comment = (number: number) =>
      target('Comment', `${number}/1`, ['Issue', `o/r#${number}`], ['Repo', 'o/r']);
    expect(coversTargets(granted, [comment(7)])).toBe(true);
    expect(coversTargets(granted, [comment(8)])).toBe(false);
    // Where the repository alone was named, all that lies in it was.
    expect(coversTargets([{ type: 'Repo', id: 'o/r' }], [repo, issue(8)])).toBe(true);
    expect(coversTargets([{ type: 'Org', id: 'o' }], [target('Repo', 'p/r', ['Org', 'p'])])).toBe(false);
  });

  it('stands on one person alone, and never on the rules of the house', () => {
    const ada = { id: 'ada', roles: ['owner', 'reviewer'] };
    const by = (who: string, rule = 'asks') => isEnoughAlone('ada', undefined, [{ rule, who }], ada);
    expect(by('owner')).toBe(true);
    expect(by('2 of role:reviewer')).toBe(false);
    expect(by('person:grace')).toBe(false);
    expect(by('owner', 'lanyard:watched')).toBe(false);
    expect(by('owner', 'lanyard:unclassified')).toBe(false);
  });
});
