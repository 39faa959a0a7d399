import { describe, expect, it } from 'vitest';
import type { Level } from '../../model/level.ts';
import { readConfiguration } from '../configuration/read.ts';
import { pinnedAnew } from './apply.ts';
import { changesBetween, placesThatDiffer } from './changes.ts';
import { decodeSet, encodeSet, type RuleSet, type SetFile } from './rule-set.ts';

const PERMIT = '@id("all") @need("For the test")\npermit (principal, action, resource);\n';
const FORBID = '@id("none")\nforbid (principal, action, resource);\n';

function setOf(files: Readonly<Record<string, string>>, more = '', level: Level = 'live'): RuleSet {
  const read = readConfiguration(
    `people: [{ id: ada, name: Ada }]\nagents: [{ id: a, owner: ada, purpose: Works, level: ${level} }]\n${more}`,
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { state: _, ...configuration } = read.value.configuration;
  const list = Object.entries(files).map(([name, text]): SetFile => ({ role: 'policy', name, text }));
  return { configuration, files: list };
}

describe('how one set differs from another', () => {
  it('names what is new, gone and edited, by key and by line', () => {
    const now = setOf({ 'a.cedar': PERMIT, 'gone.cedar': FORBID }, 'listen: 127.0.0.1:1');
    const next = setOf(
      { 'a.cedar': PERMIT.replace('For the test', 'Because'), 'new.cedar': FORBID },
      'listen: 127.0.0.1:2',
      'frozen',
    );
    const changes = changesBetween(now, next);
    expect(changes).toContain('~ listen: "127.0.0.1:1" → "127.0.0.1:2"');
    expect(changes).toContain('~ agents.a.level: "live" → "frozen"');
    expect(changes).toContain('~ policy a.cedar');
    expect(changes).toContain('    + @id("all") @need("Because")');
    expect(changes).toContain('+ policy new.cedar');
    expect(changes).toContain('- policy gone.cedar');
    expect(changesBetween(now, now)).toEqual([]);
    expect(placesThatDiffer(now, next)).toEqual(changes.filter((line) => !line.startsWith(' ')));
  });

  it('is nothing where only the order of keys does, as after a restart', () => {
    const witness = 'witness: [{ url: "https://w.example/", reason: "Theirs" }]';
    const set = setOf({ 'a.cedar': PERMIT }, `${witness}`);
    const recalled = decodeSet(encodeSet(set));
    expect(JSON.stringify(recalled)).not.toBe(JSON.stringify(set));
    expect(changesBetween(recalled, set)).toEqual([]);
  });

  it('names at most so many places at a start', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.cedar`, PERMIT]));
    expect(placesThatDiffer(setOf({}), setOf(many))).toHaveLength(21);
    expect(placesThatDiffer(setOf({}), setOf(many)).at(-1)).toBe('… and 10 more');
  });
});

describe('what is pinned anew', () => {
  const withBox = (box: string) =>
    setOf({}, `upstreams: { box: ${box}, other: { url: "http://127.0.0.1:1/" } }`);
  const now = withBox('{ command: [x], env: { A: "1" } }');
  it.each<[string, RuleSet, string[]]>([
    ['another program', withBox('{ command: [y], env: { A: "1" } }'), ['box']],
    ['another environment', withBox('{ command: [x], env: { A: "2" } }'), ['box']],
    ['an address instead', withBox('{ url: "http://127.0.0.1:2/" }'), ['box']],
    ['one that is gone', setOf({}), ['box', 'other']],
    ['another catalog', withBox('{ command: [x], env: { A: "1" }, catalog: c }'), []],
    ['one that is shared', withBox('{ command: [x], env: { A: "1" }, shared: true }'), []],
  ])('%s', (_, next, expected) => {
    expect(pinnedAnew(now, next)).toEqual(expected);
  });
});
