import fc from 'fast-check';
import type { Decision } from '../../src/model/decision.ts';
import {
  createOracle,
  loadPolicies,
  type PolicyRequest,
  type PolicySet,
  type World,
} from '../../src/policy/index.ts';
import { randomScenario } from './random-world.ts';

/** How often each kind of answer came up, and how many rules fitted their world. */
export interface WorldMix {
  cases: number;
  rules: number;
  fitting: number;
  allow: number;
  review: number;
  deny: number;
  codes: Record<string, number>;
  hidden: number;
  listed: number;
}

const REQUESTS = 60;

/**
 * Loads random rules for random worlds as a person's rules are loaded, and compares `decide` with the official engine:
 * decision, code and rules. Throws, with the shrunk case, where they differ, where another engine would be less
 * strict, and where what was had was not listed.
 */
export function compareWorlds(cases: number, seed?: number): WorldMix {
  const mix: WorldMix = {
    cases: 0,
    rules: 0,
    fitting: 0,
    allow: 0,
    review: 0,
    deny: 0,
    codes: {},
    hidden: 0,
    listed: 0,
  };
  fc.assert(
    fc.property(randomScenario(REQUESTS), ({ world, rules, requests }) => {
      const set = loadFitting(rules, world, mix);
      const oracle = createOracle(set, world);
      for (const request of requests) {
        const found = set.decide(request);
        count(mix, found);
        const single = request.targets.map((target) => {
          const one = { ...request, targets: [target] };
          const decision = set.decide(one);
          if (decision.code !== 'UNREPRESENTABLE') compare(decision, oracle.decide(one, target), one, set);
          return decision;
        });
        compareUnited(found, single);
        checkListed(set, request, found);
      }
      countListed(set, world, mix);
    }),
    { numRuns: Math.ceil(cases / REQUESTS), ...(seed === undefined ? {} : { seed }), endOnFailure: false },
  );
  return mix;
}

/** Leaves out the rules that the official validator refuses. */
export function loadFitting(
  rules: readonly string[],
  world: World,
  mix: Pick<WorldMix, 'rules' | 'fitting'>,
): PolicySet {
  const file = (texts: readonly string[]) => ({ name: 'random.cedar', text: texts.join('\n') });
  mix.rules += rules.length;
  const first = loadPolicies([file(rules)], world);
  const wrong = new Set(
    first.ok ? [] : first.error.filter(({ severity }) => severity === 'error').map(({ line }) => line),
  );
  const fitting = rules.filter((_, i) => !wrong.has(i + 1));
  mix.fitting += fitting.length;
  const loaded = first.ok ? first : loadPolicies([file(fitting)], world);
  if (loaded.ok) return loaded.value;
  throw new Error(`rules do not load: ${JSON.stringify(loaded.error)}\n${fitting.join('\n')}`);
}

function compare(
  found: Decision,
  expected: ReturnType<ReturnType<typeof createOracle>['decide']>,
  request: PolicyRequest,
  set: PolicySet,
): void {
  const rules = (ids: readonly string[]) => [...ids].sort().join();
  const watched = found.rules.includes('lanyard:watched');
  const own = found.rules.filter((id) => id !== 'lanyard:watched');
  const wanted = watched && expected.decision === 'allow' ? { decision: 'review', rules: [] } : expected;
  const code = watched ? 'APPROVAL_UNAVAILABLE' : expected.code;
  const same =
    found.decision === wanted.decision && found.code === code && rules(own) === rules(wanted.rules);
  // Where no rule errs, what we hold or deny every other engine denies: annotations only ever loosen a forbid.
  const strict =
    found.decision === 'allow' || found.code === 'RULE_ERROR' || watched || expected.plain === 'deny';
  if (same && strict) return;
  throw new Error(
    `${JSON.stringify(request)}\nofficial ${JSON.stringify(expected)}\nours     ${JSON.stringify(found)}\n${set.rules.map(({ text }) => text).join('\n')}`,
  );
}

const STRICTNESS = ['allow', 'review', 'deny'];

/** All targets together: the strictest answer, and the rules of those who gave it. */
function compareUnited(found: Decision, single: readonly Decision[]): void {
  const strictest = STRICTNESS[Math.max(...single.map(({ decision }) => STRICTNESS.indexOf(decision)))];
  const same = single.filter(({ decision, code }) => decision === found.decision && code === found.code);
  const rules = new Set(same.flatMap((each) => each.rules));
  if (found.decision !== strictest || [...rules].sort().join() !== [...found.rules].sort().join())
    throw new Error(`together ${JSON.stringify(found)}, one by one ${JSON.stringify(single)}`);
}

function checkListed(set: PolicySet, request: PolicyRequest, found: Decision): void {
  if (found.decision !== 'deny' && !set.listable(request.agent, request.level, request.operation))
    throw new Error(
      `had but not listed: ${JSON.stringify(request)}\n${set.rules.map(({ text }) => text).join('\n')}`,
    );
}

function countListed(set: PolicySet, world: World, mix: WorldMix): void {
  for (const { id } of world.operations)
    for (const agent of world.agents) mix[set.listable(agent.id, 'live', id) ? 'listed' : 'hidden']++;
}

function count(mix: WorldMix, { decision, code }: Decision): void {
  mix.cases++;
  mix[decision]++;
  if (code !== undefined) mix.codes[code] = (mix.codes[code] ?? 0) + 1;
}
