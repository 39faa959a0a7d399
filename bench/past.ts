import { Budgets, type Spending } from '../src/containment/budgets.ts';
import { Past } from '../src/history/index.ts';
import type { Budget } from '../src/model/budget.ts';
import { loadPolicies, type PolicySet } from '../src/policy/index.ts';
import { loadShipped, readShippedPack, worldOf } from '../tests/packs/pack-world.ts';

const NOW = 1_795_000_000_000;
const DECISIONS = 100_000;
const DRAFT = { risk: 'draft', audience: 'team', reads: false, deletes: true };

/** A budget of each kind that does not run out. */
const BIG = 1e12;
const BUDGETS: readonly Budget[] = [
  { id: 'all', measure: 'actions', limit: BIG, per: 'day', of: [], each: false },
  { id: 'each', measure: 'actions', limit: BIG, per: 'hour', of: [], each: true },
  { id: 'breadth', measure: 'targets', limit: BIG, per: 'day', of: [], each: false },
  { id: 'rate', measure: 'actions', limit: BIG, per: 'minute', of: [], each: false, burst: BIG },
  { id: 'sent', measure: 'bytes', limit: BIG, per: 'session', of: [], each: false },
  { id: 'time', measure: 'time', limit: BIG, per: 'life', of: [], each: false },
];
const ISSUE = [{ type: 'Issue', id: 'o/r#1', ancestors: [], attributes: { id: 'o/r#1' } }];
const NO_MONEY: ReadonlyMap<string, number> = new Map();

const PERMIT = { name: 'permit.cedar', text: '@id("all") @need("t") permit (principal, action, resource);' };

/**
 * What counters and six budgets cost a decision: looking at them, counting and settling, as the history grows; then with
 * the breakers decided as well, and with all rules of starter, breakers and triggers. Most of these hold here, for the past is a
 * short one. In time of the processor, warmed up, so that what else the machine does counts less.
 */
export async function run(): Promise<string[]> {
  const packs = ['starter', 'breakers', 'triggers', 'github'].map(readShippedPack);
  const world = worldOf(loadShipped(packs));
  const setOf = (rules: Parameters<typeof loadPolicies>[0]): PolicySet => {
    const loaded = loadPolicies(rules, world);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    return loaded.value;
  };
  const breakers = setOf([...(packs[1]?.policies ?? []), PERMIT]);
  const all = setOf(packs.slice(0, 3).flatMap(({ policies }) => policies));
  const lines = [
    '| actions before | operations | noes before | per decision | with the breakers | with all rules |',
    '|---|---|---|---|---|---|',
  ];
  for (const rules of [null, breakers, all]) measure(1000, 10, 10, rules);
  for (const [before, operations, noes] of [
    [0, 1, 0],
    [10_000, 50, 100],
    [1_000_000, 500, 10_000],
  ] as const) {
    const cells = [null, breakers, all].map((rules) => `${median(before, operations, noes, rules)} µs`);
    lines.push(`| ${[before, operations, noes, ...cells].join(' | ')} |`);
  }
  return lines;
}

function median(before: number, operations: number, noes: number, rules: PolicySet | null): string {
  const rounds = Array.from({ length: 7 }, () => measure(before, operations, noes, rules)).sort(
    (a, b) => a - b,
  );
  return (rounds[3] ?? 0).toFixed(2);
}

function measure(before: number, operations: number, noes: number, rules: PolicySet | null): number {
  const past = new Past();
  const budgets = new Budgets();
  const stepOf = (i: number) => ({
    agent: `agent-${i % 20}`,
    operation: `mcp:files/tool-${i % operations}`,
    upstream: 'files',
    namedTargets: [{ type: 'Path', id: `/srv/${i % 1000}` }],
    owners: [`Org ${i % 100}`],
    argumentsText: '{"path":"/srv"}',
  });
  for (let i = 0; i < before; i++) {
    past.count(stepOf(i), DRAFT, NOW + i);
    past.use(stepOf(i));
  }
  for (let i = 0; i < noes; i++) {
    const { agent, operation, namedTargets } = stepOf(i);
    const at = new Date(NOW).toISOString();
    const about = { seq: i, at, approval: `q${i}`, agent, operation };
    past.follow({ ...about, kind: 'approval.asked' as never, targets: namedTargets });
    past.follow({
      ...about,
      kind: 'approval.answered' as never,
      answer: 'deny',
      by: 'person',
      person: 'ada',
    });
  }
  const steps = Array.from({ length: 1000 }, (_, i) => stepOf(i));
  const spendings = steps.map(
    ({ agent, namedTargets: [target] }): Spending => ({
      action: '',
      agent,
      token: 't',
      bytes: 100,
      money: NO_MONEY,
      targets: [`${target?.type} ${target?.id}`],
    }),
  );
  const start = process.threadCpuUsage();
  for (let i = 0; i < DECISIONS; i++) {
    const step = steps[i % steps.length];
    if (step === undefined) continue;
    const nowMs = NOW + before + i;
    const about = spendings[i % spendings.length];
    if (about === undefined) continue;
    const action = `a${i}`;
    const spending = { ...about, action };
    const facts = past.facts(step, DRAFT, nowMs);
    const budgetPercent = budgets.percent(BUDGETS, spending, nowMs);
    rules?.decide({
      agent: 'coder',
      level: 'live',
      operation: 'mcp:github/add_issue_comment',
      arguments: {},
      targets: ISSUE,
      system: { nowMs, session: 's', door: 'mcp', marks: [], past: { ...facts, budgetPercent } },
    });
    budgets.check(BUDGETS, spending, nowMs);
    past.count(step, DRAFT, nowMs);
    budgets.reserve(BUDGETS, spending, nowMs);
    budgets.changes(action);
    budgets.settle(action, 1, nowMs);
  }
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / DECISIONS;
}
