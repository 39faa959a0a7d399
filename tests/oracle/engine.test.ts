import { expect, test } from 'vitest';
import { compareEngines } from './run-engine.ts';

// More: node tests/oracle/run.ts <cases> [seed].
test('compiled rules answer as the official engine does: decision, reasons and errors', {
  timeout: 600_000,
}, () => {
  const mix = compareEngines(60_000);
  expect(mix.cases).toBeGreaterThanOrEqual(60_000);
  expect(mix.allow / mix.cases).toBeGreaterThan(0.15);
  expect(mix.deny / mix.cases).toBeGreaterThan(0.3);
  expect(mix.errors / mix.cases).toBeGreaterThan(0.2);
});
