import { describe, expect, test } from 'vitest';
import { CONNECT_WORLD } from '../../src/pipeline/action/connect.ts';
import { loadPolicies } from '../../src/policy/index.ts';
import { decideGolden, loadShipped, readShippedPack, worldOf } from './pack-world.ts';

const [starter, triggers] = [readShippedPack('starter'), readShippedPack('triggers')];
const catalogs = loadShipped([starter, readShippedPack('github'), readShippedPack('stripe'), triggers]);
const rules = [...starter.policies, ...triggers.policies];

/** What needs catalogs that starter has not. */
const OTHERS = `
# money
agent   coder
action  mcp:stripe-toolkit/create_refund {"payment_intent": "pi_1"}
----------
review owner
because starter-external-asks, trigger-money, trigger-irreversible, trigger-reaches-outside

# a review that is submitted
agent   coder
action  mcp:github/submit_pending_pull_request_review {"owner": "octo", "repo": "hello", "pullNumber": 1, "event": "APPROVE"}
----------
review owner
because starter-merge-asks, trigger-reaches-outside, trigger-review-step

# an issue that is labelled anew
agent   coder
action  mcp:github/update_issue_labels {"owner": "octo", "repo": "hello", "issue_number": 1, "labels": ["wontfix"]}
----------
review owner
because starter-comment-asks, trigger-reaches-outside, trigger-reclassified
`;

describe('the pack triggers', () => {
  test('loads beside starter without a warning, and with no upstream at all', () => {
    const loaded = loadPolicies(rules, worldOf(catalogs));
    expect(loaded.ok ? loaded.value.warnings : loaded.error).toEqual([]);
    const empty = { ...worldOf(catalogs), operations: [CONNECT_WORLD], upstreams: [] };
    expect(loadPolicies(rules, empty).ok).toBe(true);
  });

  test.each([...triggers.tests, { name: 'other catalogs', text: OTHERS }])(
    'keeps its golden cases: $name',
    ({ text }) => {
      const results = decideGolden(text, rules, catalogs);
      expect(results.filter((result) => !result.ok)).toEqual([]);
      expect(results.length).toBeGreaterThan(2);
    },
  );

  test('only asks, says why in a sentence, and has a case for each rule', () => {
    const loaded = loadPolicies(triggers.policies, worldOf(catalogs));
    if (!loaded.ok) throw new Error('it does not load');
    const own = loaded.value.rules.filter(({ id }) => id.startsWith('trigger-'));
    expect(own.length).toBeGreaterThan(14);
    const cases = [...triggers.tests.map(({ text }) => text), OTHERS].join('\n');
    for (const { id, effect, annotations } of own) {
      expect({ id, effect, review: annotations.review !== undefined }).toEqual({
        id,
        effect: 'forbid',
        review: true,
      });
      expect(annotations.reason, id).toMatch(/^[A-Z].{15,}[^.]$/);
      expect(cases).toContain(id);
    }
  });
});
