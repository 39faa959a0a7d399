import { describe, expect, it } from 'vitest';
import type { Level } from '../model/level.ts';
import { compileInForce } from '../pipeline/in-force.ts';
import { Pins } from '../pipeline/pins.ts';
import { pinnedAnew } from './apply.ts';
import { changesBetween, merelyTightens } from './changes.ts';
import { readConfiguration } from './configuration/read.ts';
import { resolveSet } from './resolve-set.ts';
import type { RuleSet, SetFile } from './rule-set.ts';

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

function tightens(now: RuleSet, next: RuleSet): boolean {
  const resolved = resolveSet(next, {
    configPath: '/nowhere/lanyard.yaml',
    state: '/nowhere/state',
    environment: {},
  });
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
  const inForce = compileInForce(resolved.value.parts, new Pins(), 'error');
  if (!inForce.ok) throw new Error(JSON.stringify(inForce.error));
  return merelyTightens(now, next, inForce.value.policy.rules);
}

describe('what merely tightens', () => {
  const now = setOf({ 'a.cedar': PERMIT });
  it.each<[string, RuleSet, boolean]>([
    ['a file of forbids', setOf({ 'a.cedar': PERMIT, 'b.cedar': FORBID }), true],
    [
      'a forbid that asks a person',
      setOf({ 'a.cedar': PERMIT, 'b.cedar': `@review("owner")\n${FORBID}` }),
      true,
    ],
    ['a stricter level', setOf({ 'a.cedar': PERMIT }, '', 'watched'), true],
    ['nothing', now, true],
    ['a forbid that trips', setOf({ 'a.cedar': PERMIT, 'b.cedar': `@trip("frozen")\n${FORBID}` }), false],
    ['a file with a permit', setOf({ 'a.cedar': PERMIT, 'b.cedar': PERMIT.replace('all', 'more') }), false],
    ['an edited file', setOf({ 'a.cedar': `${PERMIT}${FORBID}` }), false],
    ['a file less', setOf({}), false],
    ['another secret to redact', setOf({ 'a.cedar': PERMIT }, 'redact: [x]'), false],
    ['another owner', otherOwner(), false],
  ])('%s', (_, next, expected) => {
    expect(tightens(now, next)).toBe(expected);
  });

  it('is no milder level', () => {
    expect(
      tightens(setOf({ 'a.cedar': PERMIT }, '', 'frozen'), setOf({ 'a.cedar': PERMIT }, '', 'watched')),
    ).toBe(false);
  });

  function otherOwner(): RuleSet {
    const set = setOf({ 'a.cedar': PERMIT });
    const [agent] = set.configuration.agents;
    if (agent === undefined) throw new Error('no agent');
    return { ...set, configuration: { ...set.configuration, agents: [{ ...agent, owner: 'eve' }] } };
  }
});

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
