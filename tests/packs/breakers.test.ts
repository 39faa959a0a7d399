import { describe, expect, test } from 'vitest';
import { CONNECT_WORLD } from '../../src/pipeline/action/connect.ts';
import { loadPolicies } from '../../src/policy/index.ts';
import { decideGolden, loadShipped, readShippedPack, worldOf } from './pack-world.ts';

const [starter, breakers] = [readShippedPack('starter'), readShippedPack('breakers')];
const catalogs = loadShipped([starter, readShippedPack('stripe'), breakers]);
const rules = [...starter.policies, ...breakers.policies];

/** What needs a catalog that starter has not. */
const OTHERS = `
# the twenty-first payment within an hour
agent   coder
action  mcp:stripe-toolkit/create_refund {"payment_intent": "pi_1"}
past    operationLastHour=20
----------
deny FORBIDDEN
because breaker-payments
trips frozen

# the twentieth asks
agent   coder
action  mcp:stripe-toolkit/create_refund {"payment_intent": "pi_1"}
past    operationLastHour=19
----------
review owner

# a case that expects another level than the breaker's is no golden one
agent   coder
action  mcp:stripe-toolkit/create_refund {"payment_intent": "pi_1"}
past    operationLastHour=20
----------
deny FORBIDDEN
because breaker-payments
`;

describe('the pack breakers', () => {
  test('loads beside starter without a warning, and with no upstream at all', () => {
    const loaded = loadPolicies(rules, worldOf(catalogs));
    expect(loaded.ok ? loaded.value.warnings : loaded.error).toEqual([]);
    // With a server of files alone, as the first configuration has it, nothing is said to be impossible.
    const world = worldOf(catalogs);
    const files = {
      ...world,
      operations: [...world.operations.filter(({ upstream }) => upstream === 'filesystem'), CONNECT_WORLD],
      upstreams: world.upstreams.filter(({ id }) => id === 'filesystem'),
    };
    const first = loadPolicies(rules, files);
    expect(first.ok ? first.value.warnings : first.error).toEqual([]);
    const empty = { ...worldOf(catalogs), operations: [CONNECT_WORLD], upstreams: [] };
    expect(loadPolicies(rules, empty).ok).toBe(true);
  });

  test.each([...breakers.tests, { name: 'other catalogs', text: OTHERS }])(
    'keeps its golden cases: $name',
    ({ text }) => {
      const results = decideGolden(text, rules, catalogs);
      expect(results.filter((result) => !result.ok)).toEqual([]);
      expect(results.length).toBeGreaterThan(2);
    },
  );

  test('a golden case that names another level does not hold', () => {
    const wrong = OTHERS.replace('trips frozen', 'trips watched');
    const [first] = decideGolden(wrong, rules, catalogs);
    expect(first).toMatchObject({
      ok: false,
      differences: ['expected trips watched', 'found    trips frozen', expect.any(String)],
    });
  });

  test('only forbids and trips, says why in a sentence, and has a case for each rule', () => {
    const loaded = loadPolicies(breakers.policies, worldOf(catalogs));
    if (!loaded.ok) throw new Error('it does not load');
    expect(loaded.value.rules.filter(({ id }) => id.startsWith('breaker-')).length).toBeGreaterThan(12);
    const cases = [...breakers.tests.map(({ text }) => text), OTHERS].join('\n');
    for (const { id, effect, annotations } of loaded.value.rules) {
      if (!id.startsWith('breaker-')) continue;
      expect({ id, effect, trip: annotations.trip }).toEqual({
        id,
        effect: 'forbid',
        trip: expect.stringMatching(/^(watched|frozen)$/),
      });
      expect(annotations.reason, id).toMatch(/^[A-Z].{15,}[^.]$/);
      expect(cases).toContain(id);
    }
  });
});
