import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEVELS, type Level, strictest } from '../model/level.ts';
import { type Doing, isScope, Ladder, type Levels, type Scope, setLevel, tightenLevel } from './levels.ts';

const level = fc.constantFrom(...LEVELS);
const PLACE = { type: 'Path', id: '/w/a/b.txt', ancestors: [{ type: 'Path', id: '/w/a' }] };
const DOING = {
  session: 's1',
  parent: 's0',
  operation: 'mcp:files/write',
  upstream: 'files',
  targets: [{ id: '/w/other' }, PLACE],
} satisfies Doing;
/** Every scope that covers what agent `a` of `ada` does there. */
const COVERING: readonly Scope[] = [
  'all',
  'agent:a',
  'owner:ada',
  'session:s1',
  'session:s0',
  'operation:mcp:files/write',
  'upstream:files',
  'target:/w/other',
  'target:/w/a/b.txt',
  'target:/w/a',
  // Another spelling is no way around a stop.
  'target:/W/A/B.txt',
];
const OTHERS: readonly Scope[] = [
  'agent:b',
  'owner:bob',
  'session:s2',
  'operation:mcp:files/read',
  'upstream:wiki',
  'target:/w/a/b',
  'target:/w',
];
const scope = fc.constantFrom<Scope>(...COVERING, ...OTHERS);
const settings = fc.array(fc.tuple(scope, level));
const levelHere = (levels: Levels, configured: Level = 'live') =>
  new Ladder(levels).levelOf('a', 'ada', DOING, configured);

describe('levels', () => {
  it('are the strictest of what is configured and of all that is set for whatever it is about', () => {
    fc.assert(
      fc.property(settings, level, (set, configured) => {
        let levels: Levels = new Map();
        for (const [where, how] of set) levels = setLevel(levels, where, how);
        const about = [...levels].filter(([where]) => COVERING.includes(where));
        expect(levelHere(levels, configured)).toBe(strictest(configured, ...about.map(([, how]) => how)));
      }),
    );
  });

  it.each(COVERING)('%s set alone covers it', (where) => {
    expect(levelHere(new Map([[where, 'frozen']]))).toBe('frozen');
  });

  it.each(OTHERS)('%s set alone does not', (where) => {
    expect(levelHere(new Map([[where, 'frozen']]))).toBe('live');
  });

  it('of less than an agent say nothing of the agent as a whole', () => {
    const levels: Levels = new Map([['upstream:files', 'frozen']]);
    expect(new Ladder(levels).levelOf('a', 'ada', undefined, 'watched')).toBe('watched');
  });

  it('are never loosened by any number of stops', () => {
    fc.assert(
      fc.property(settings, level, (stops, configured) => {
        let levels: Levels = new Map();
        for (const [where, how] of stops) {
          const before = levelHere(levels, configured);
          levels = tightenLevel(levels, where, how);
          const after = levelHere(levels, configured);
          expect(strictest(before, after)).toBe(after);
        }
      }),
    );
  });

  it('forget a scope that is live, and leave what they were made of alone', () => {
    const frozen = setLevel(new Map(), 'all', 'frozen');
    expect([...setLevel(frozen, 'all', 'live')]).toEqual([]);
    expect([...frozen]).toEqual([['all', 'frozen']]);
  });

  it.each([...COVERING, ...OTHERS, 'target:https://example.org/x y'])('%j is a scope', (text) => {
    expect(isScope(text)).toBe(true);
  });

  it.each([
    '',
    'ALL',
    'all:',
    'agent:',
    'agent:A',
    'agent:a b',
    'agent:a\n',
    `agent:${'a'.repeat(33)}`,
    'owner:',
    'session:',
    'session:a b',
    'operation:write',
    'operation:mcp:',
    'target:',
    'target:a\u0000b',
    'target:a\u2028b',
    'target:\ud800',
    `target:${'a'.repeat(4097)}`,
    'team:a',
    '__proto__:a',
  ])('%j is no scope', (text) => {
    expect(isScope(text)).toBe(false);
  });
});
