import { expect, test } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import { loadPolicies } from '../load.ts';
import { operation, WORLD } from '../sample-world.ts';
import { checkAhead } from './ahead.ts';
import { answersGiven } from './engine-answers.ts';

/** Questions to the engine that another thread has put before. */

const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
const MANY = {
  ...WORLD,
  operations: [
    ...WORLD.operations,
    ...Array.from({ length: LIMITS.aheadOperations }, (_, at) => operation(`bank/t${at}`, SCHEMA)),
  ],
};
const rules = (text: string) => [{ name: 'a.cedar', text }];
const keys = () => answersGiven().sets.map(([digest]) => digest);

test.each([
  [
    'rules that fit',
    '@id("a") @need("x") permit (principal, action == Action::"mcp:bank/t1", resource) when { context.input.n > 1 };',
    true,
  ],
  [
    'a rule that does not',
    '@id("b") forbid (principal, action == Action::"mcp:bank/t2", resource) when { context.input.m > 1 };',
    false,
  ],
])('of %s are not put again, and what is found is the same', async (_, text, fits) => {
  const before = keys();
  await checkAhead(rules(text), MANY, {});
  const asked = keys().filter((key) => !before.includes(key));
  expect(asked).toHaveLength(1);
  const loaded = loadPolicies(rules(text), MANY);
  expect(keys().filter((key) => !before.includes(key))).toEqual(asked);
  expect(loaded.ok).toBe(fits);
  if (!loaded.ok) expect(loaded.error).toMatchObject([{ code: 'RULE_DOES_NOT_FIT', line: 1 }]);
});

test('are left to their turn where there is little to check', async () => {
  const before = keys();
  await checkAhead(rules('@id("c") forbid (principal, action, resource);'), WORLD, {});
  expect(keys()).toEqual(before);
});

test('are put again where the rules differ, and kept within bounds', async () => {
  for (let at = 0; at <= LIMITS.engineAnswers; at++)
    loadPolicies(rules(`@id("r${at}") forbid (principal, action, resource);`), WORLD);
  expect(keys()).toHaveLength(LIMITS.engineAnswers);
});
