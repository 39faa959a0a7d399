import { expect, test } from 'vitest';
import { compareWorlds } from './run-worlds.ts';

// More: node tests/oracle/run.ts <cases> [seed].
test('decide answers as the official engine does, after our rules about errors and reviews', {
  timeout: 600_000,
}, () => {
  const mix = compareWorlds(40_000);
  expect(mix.cases).toBeGreaterThanOrEqual(40_000);
  expect(mix.fitting / mix.rules).toBeGreaterThan(0.8);
  for (const decision of ['allow', 'review', 'deny'] as const)
    expect(mix[decision] / mix.cases, decision).toBeGreaterThan(0.1);
  for (const code of ['NO_PERMIT', 'FORBIDDEN', 'RULE_ERROR', 'UNREPRESENTABLE'])
    expect((mix.codes[code] ?? 0) / mix.cases, code).toBeGreaterThan(0.01);
  expect(mix.listed).toBeGreaterThan(mix.cases / 1000);
  expect(mix.hidden).toBeGreaterThan(mix.cases / 1000);
});
