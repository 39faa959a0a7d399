import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonObject, type Json } from '../../src/base/json.ts';
import { parseRule } from '../../src/policy/engine/cedar.ts';
import {
  type ChangeStep,
  loadPolicies,
  type PolicyRequest,
  type PolicySet,
  type World,
} from '../../src/policy/index.ts';
import { expressionText } from '../../src/policy/text/cedar-text.ts';
import { readExpression } from '../../src/policy/text/expression.ts';
import { randomRule } from './random-rules.ts';
import { randomScenario } from './random-world.ts';
import { loadFitting } from './run-worlds.ts';

function bodiesOf(rule: string): readonly Json[] {
  const parsed = parseRule(rule);
  const conditions = parsed.ok ? parsed.value['conditions'] : undefined;
  if (!Array.isArray(conditions)) throw new Error(`the official parser refuses ${rule}`);
  return conditions.map((condition: Json) => (isJsonObject(condition) ? (condition['body'] ?? null) : null));
}

test('an expression as text is the same expression to the official parser', () => {
  let compared = 0;
  fc.assert(
    fc.property(randomRule, (rule) => {
      if (!parseRule(rule).ok) return;
      for (const body of bodiesOf(rule)) {
        const expression = readExpression(body);
        const [again] = bodiesOf(
          `permit (principal, action, resource) when { ${expressionText(expression)} };`,
        );
        expect(readExpression(again)).toEqual(expression);
        compared++;
      }
    }),
    { numRuns: 2000 },
  );
  expect(compared).toBeGreaterThan(1000);
});

/** The set after a change: what must hold does whatever it says, and what must not is gone. */
function changed(set: PolicySet, world: World, steps: readonly ChangeStep[]): PolicySet {
  const by = new Map(steps.map(({ rule, must }) => [rule, must]));
  const texts = set.rules.flatMap(({ id, effect, annotations, text }) => {
    const must = by.get(id);
    if (must === undefined) return id.startsWith('lanyard:') ? [] : [text];
    if (must !== 'hold') return [];
    const review = annotations.review === undefined ? '' : `@review("${annotations.review}") `;
    return [`@id("${id}") ${review}${effect} (principal, action, resource);`];
  });
  if (by.has(undefined)) texts.push('@id("written") permit (principal, action, resource);');
  const loaded = loadPolicies([{ name: 'changed.cedar', text: texts.join('\n') }], world);
  if (loaded.ok) return loaded.value;
  throw new Error(JSON.stringify(loaded.error));
}

const named = (text: string, at: number) => (/@id\(/.test(text) ? text : `@id("random-${at}") ${text}`);

test('the change that an explanation names makes the answer that it says, and each step of it is needed', () => {
  const seen: Record<string, number> = {};
  const count = (what: string) => {
    seen[what] = (seen[what] ?? 0) + 1;
  };
  const check = (set: PolicySet, world: World, request: PolicyRequest) => {
    const { targets } = set.explain(request);
    const [target] = targets;
    const change = target?.otherwise?.change;
    if (target === undefined || change === undefined) return;
    // The built-in rule cannot be taken away by a file.
    if (change.steps.some(({ rule }) => rule?.startsWith('lanyard:'))) return;
    const operation = world.operations.find(({ id }) => id === request.operation);
    if (operation?.groups.includes('risk:unclassified') === true) return;
    expect(changed(set, world, change.steps).decide(request).decision).toBe(change.to);
    expect(change.to).not.toBe(target.decision);
    for (const step of change.steps) {
      const without = change.steps.filter((each) => each !== step);
      expect(changed(set, world, without).decide(request).decision).not.toBe(change.to);
      count(step.must);
    }
    count(`to ${change.to}`);
    const fewest = target.otherwise?.near[0]?.failed.length ?? 0;
    for (const { failed } of target.otherwise?.near ?? []) expect(failed).toHaveLength(fewest);
  };
  fc.assert(
    fc.property(randomScenario(6), ({ world, rules, requests }) => {
      const set = loadFitting(rules.map(named), world, { rules: 0, fitting: 0 });
      for (const request of requests)
        for (const target of request.targets)
          check(set, world, { ...request, level: 'live', targets: [target] });
    }),
    { numRuns: 120 },
  );
  for (const what of ['hold', 'not hold', 'be absent', 'be mended', 'to allow', 'to review', 'to deny'])
    expect(seen[what] ?? 0, what).toBeGreaterThan(5);
}, 120_000);
