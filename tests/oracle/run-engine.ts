import fc from 'fast-check';
import { type Answer, compiled, official } from './engine.ts';
import { facts } from './random-facts.ts';
import { randomRule } from './random-rules.ts';

/** How often each kind of answer came up. */
export interface Mix {
  cases: number;
  allow: number;
  deny: number;
  /** Requests with at least one rule in error. */
  errors: number;
}

const RULES = 30;
const REQUESTS = 40;

/** Compares both engines on random rules, entities and requests. Throws, with the shrunk case, where they differ. */
export function compareEngines(cases: number, seed?: number): Mix {
  const mix: Mix = { cases: 0, allow: 0, deny: 0, errors: 0 };
  const scenario = fc.record({
    rules: fc.array(randomRule, { minLength: 1, maxLength: RULES, size: 'max' }),
    facts: facts(REQUESTS),
  });
  fc.assert(
    fc.property(scenario, ({ rules, facts: given }) => {
      const theirs = official(rules, given);
      const ours = compiled(rules, given);
      for (const request of given.requests) {
        const expected = theirs(request);
        const found = ours(request);
        if (!same(expected, found))
          throw new Error(
            `${JSON.stringify(request)}\n${JSON.stringify(given.contexts[request.context])}\nofficial ${JSON.stringify(expected)}\nours     ${JSON.stringify(found)}\n${rules.map((rule, i) => `r${i}: ${rule}`).join('\n')}`,
          );
        mix.cases++;
        mix[expected.decision]++;
        if (expected.errors.length > 0) mix.errors++;
      }
    }),
    { numRuns: Math.ceil(cases / REQUESTS), ...(seed === undefined ? {} : { seed }), endOnFailure: false },
  );
  return mix;
}

function same(a: Answer, b: Answer): boolean {
  return (
    a.decision === b.decision && a.reasons.join() === b.reasons.join() && a.errors.join() === b.errors.join()
  );
}
