import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareEngines, type Mix } from './run-engine.ts';

// In parts, because a test that holds the thread for a minute loses its runner. More: node tests/oracle/run.ts CASES.
const PARTS = 6;
const CASES = 10_000;
/** Each part has cases of its own. */
const SEED = fc.readConfigureGlobal().seed ?? 0;

describe('compiled rules answer as the official engine does: decision, reasons and errors', () => {
  const mixes: Mix[] = [];
  test.each(Array.from({ length: PARTS }, (_, i) => i + 1))('part %i', { timeout: 300_000 }, (part) => {
    mixes.push(compareEngines(CASES, SEED + part));
  });

  test('on enough cases of every kind', () => {
    const share = (kind: keyof Mix) => total(kind) / total('cases');
    const total = (kind: keyof Mix) => mixes.reduce((sum, mix) => sum + mix[kind], 0);
    expect(total('cases')).toBeGreaterThanOrEqual(PARTS * CASES);
    expect(share('allow')).toBeGreaterThan(0.2);
    expect(share('deny')).toBeGreaterThan(0.2);
    expect(share('errors')).toBeGreaterThan(0.2);
  });
});
