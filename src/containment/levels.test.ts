import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEVELS, strictest } from '../model/level.ts';
import { isScope, type Levels, levelOf, type Scope, setLevel, tightenLevel } from './levels.ts';

const level = fc.constantFrom(...LEVELS);
const scope = fc.constantFrom<Scope>('all', 'agent:a', 'agent:b');

describe('levels', () => {
  it('are the strictest of what is configured, set for all, and set for the agent', () => {
    fc.assert(
      fc.property(level, level, level, (configured, all, own) => {
        const levels = setLevel(setLevel(new Map(), 'all', all), 'agent:a', own);
        expect(levelOf(levels, 'a', configured)).toBe(strictest(configured, all, own));
        expect(levelOf(levels, 'b', configured)).toBe(strictest(configured, all));
      }),
    );
  });

  it('are never loosened by any number of stops', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(scope, level)), level, (stops, configured) => {
        let levels: Levels = new Map();
        for (const [where, how] of stops) {
          const before = levelOf(levels, 'a', configured);
          levels = tightenLevel(levels, where, how);
          const after = levelOf(levels, 'a', configured);
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

  it.each([
    '',
    'ALL',
    'agent:',
    'agent:A',
    'agent:a b',
    'agent:a\n',
    'upstream:a',
    `agent:${'a'.repeat(33)}`,
  ])('%j is no scope', (text) => {
    expect(isScope(text)).toBe(false);
  });
});
