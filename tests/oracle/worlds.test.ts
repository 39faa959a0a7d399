import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareWorlds, type WorldMix } from './run-worlds.ts';

// In parts, because a test that holds the thread for a minute loses its runner. More: node tests/oracle/run.ts CASES.
const PARTS = 4;
const CASES = 10_000;
/** Each part has cases of its own. */
const SEED = fc.readConfigureGlobal().seed ?? 0;

/** Also: any other Cedar engine is at least as strict where no rule errs, and what can be had is listed. */
describe('decide answers as the official engine does, after our rules about errors and reviews', () => {
  const mixes: WorldMix[] = [];
  test.each(Array.from({ length: PARTS }, (_, i) => i + 1))('part %i', { timeout: 300_000 }, (part) => {
    mixes.push(compareWorlds(CASES, SEED + part));
  });

  test('on enough cases of every kind', () => {
    const total = (count: (mix: WorldMix) => number) => mixes.reduce((sum, mix) => sum + count(mix), 0);
    const cases = total((mix) => mix.cases);
    expect(cases).toBeGreaterThanOrEqual(PARTS * CASES);
    expect(total((mix) => mix.fitting) / total((mix) => mix.rules)).toBeGreaterThan(0.8);
    for (const decision of ['allow', 'review', 'deny'] as const)
      expect(total((mix) => mix[decision]) / cases, decision).toBeGreaterThan(0.1);
    for (const code of ['NO_PERMIT', 'FORBIDDEN', 'RULE_ERROR', 'UNREPRESENTABLE'])
      expect(total((mix) => mix.codes[code] ?? 0) / cases, code).toBeGreaterThan(0.01);
    expect(total((mix) => mix.listed)).toBeGreaterThan(cases / 100);
    expect(total((mix) => mix.hidden)).toBeGreaterThan(cases / 500);
  });
});
