import { describe, expect, it } from 'vitest';
import type { Level } from '../../model/level.ts';
import { Pins } from '../../pipeline/action/pins.ts';
import { compileInForce } from '../../pipeline/in-force.ts';
import { exceptionText, withException } from '../../policy/index.ts';
import { readConfiguration } from '../configuration/read.ts';
import { resolveSet } from './resolve-set.ts';
import { decodeSet, encodeSet, type RuleSet, type SetFile } from './rule-set.ts';
import { merelyTightens } from './tightening.ts';

const PERMIT = '@id("all") @need("For the test")\npermit (principal, action, resource);\n';
const FORBID = '@id("none")\nforbid (principal, action, resource);\n';
const UNNAMED = 'forbid (principal, action, resource) when { context.system.door == "x" };\n';

function setOf(files: Readonly<Record<string, string>>, more = '', level: Level = 'live'): RuleSet {
  const read = readConfiguration(
    `people: [{ id: ada, name: Ada }]\nagents: [{ id: a, owner: ada, level: ${level} }]\n${more}`,
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { state: _, ...configuration } = read.value.configuration;
  const list = Object.entries(files).map(([name, text]): SetFile => ({ role: 'policy', name, text }));
  return { configuration, files: list };
}

/** As `apply` asks: of what compiles; and of what is in force as it comes back after a restart too. */
function tightens(now: RuleSet, next: RuleSet): boolean {
  const around = { configPath: '/nowhere/lanyard.yaml', state: '/nowhere/state', environment: {} };
  const resolved = resolveSet(next, around);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
  const inForce = compileInForce(resolved.value.parts, new Pins(), 'error');
  if (!inForce.ok) throw new Error(JSON.stringify(inForce.error));
  const answer = merelyTightens(now, next);
  expect(merelyTightens(decodeSet(encodeSet(now)), next)).toBe(answer);
  return answer;
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
    ['a file less', setOf({}), false],
    ['another secret to redact', setOf({ 'a.cedar': PERMIT }, 'redact: [x]'), false],
    ['another owner', otherOwner(), false],
    ['a forbid behind a rule', setOf({ 'a.cedar': `${PERMIT}${FORBID}` }), true],
    ['a forbid before a rule', setOf({ 'a.cedar': `// Later\n${FORBID}${PERMIT}` }), true],
    ['a forbid that trips behind a rule', setOf({ 'a.cedar': `${PERMIT}@trip("frozen")\n${FORBID}` }), false],
    ['a permit behind a rule', setOf({ 'a.cedar': `${PERMIT}${PERMIT.replace('all', 'more')}` }), false],
    [
      'a permit that a comment calls a forbid',
      setOf({ 'a.cedar': `${PERMIT}// forbid\n${PERMIT.replace('all', 'more')}` }),
      false,
    ],
    ['a reason in place of another', setOf({ 'a.cedar': PERMIT.replace('For the test', 'More') }), false],
    [
      'a rule that became a comment',
      setOf({ 'a.cedar': `${FORBID}// ${PERMIT.replace('\n', '\n// ')}` }),
      false,
    ],
    ['an edited condition', setOf({ 'a.cedar': PERMIT.replace(';', ' when { true };') }), false],
    ['a rule of the same id elsewhere', setOf({ 'a.cedar': FORBID, 'b.cedar': PERMIT }), false],
  ])('%s', (_, next, expected) => {
    expect(tightens(now, next)).toBe(expected);
  });

  it('is no forbid less, nor one with a weaker condition, nor one in another order', () => {
    const both = setOf({ 'a.cedar': PERMIT + FORBID });
    expect(tightens(both, now)).toBe(false);
    expect(tightens(both, setOf({ 'a.cedar': PERMIT + FORBID.replace(';', ' when { false };') }))).toBe(
      false,
    );
    expect(tightens(both, setOf({ 'a.cedar': FORBID + PERMIT }))).toBe(false);
  });

  it('is nothing that gives a rule another id: what people said yes to is kept under it', () => {
    const unnamed = setOf({ 'a.cedar': PERMIT + UNNAMED });
    expect(tightens(unnamed, setOf({ 'a.cedar': PERMIT + UNNAMED + FORBID }))).toBe(true);
    expect(tightens(unnamed, setOf({ 'a.cedar': PERMIT + FORBID + UNNAMED }))).toBe(false);
  });

  it('is a rule that asks again about what it was to ask less, the last of them first; and nothing else of it', () => {
    const asks = '@id("asks") @review("owner")\nforbid (principal, action, resource);';
    const [one, two] = ['x', 'b"c'].map((id) => exceptionText('a', 'mcp:x/y', [{ type: 'Target', id }]));
    const both = withException(withException(asks, one ?? ''), two ?? '');
    const set = (rule: string) =>
      setOf({ 'a.cedar': `${PERMIT}${rule}\n` }, 'upstreams: { x: { command: ["true"], cwd: / } }');
    expect(tightens(set(both), set(asks))).toBe(true);
    expect(tightens(set(both), set(withException(asks, one ?? '')))).toBe(true);
    expect(tightens(set(both), set(withException(asks, two ?? '')))).toBe(false);
    expect(tightens(set(asks), set(both))).toBe(false);
    const targets = exceptionText(
      'a',
      'mcp:x/y',
      ['x', 'y'].map((id) => ({ type: 'Target', id })),
    );
    expect(tightens(set(withException(asks, targets)), set(asks))).toBe(true);
    // What a hand wrote may err, or say more; and what trips, does more than ask.
    for (const clause of [`${one} || true`, 'context.system.door == "x"', `!(${one})`])
      expect(tightens(set(withException(asks, clause)), set(asks))).toBe(false);
    const trips = asks.replace('@review("owner")', '@trip("frozen")');
    expect(tightens(set(withException(trips, one ?? '')), set(trips))).toBe(false);
    const reads = asks.replace('forbid (', 'forbid  (');
    expect(tightens(set(both), set(reads))).toBe(false);
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
