import { durationMs } from '../../base/duration.ts';
import { minutesOf } from '../../base/local-time.ts';
import { didYouMean } from '../../base/nearest.ts';
import type { Agent } from '../../model/agent.ts';
import { type Budget, MONEY_SCALE } from '../../model/budget.ts';
import { type Hours, WEEKDAYS } from '../../model/hours.ts';
import { CATALOG_GROUPS, EFFECT_GROUPS, RISK_GROUPS } from '../../policy/index.ts';
import type { BudgetConfiguration } from '../configuration/budget-shape.ts';
import type { Path } from '../configuration/read.ts';
import type { Configuration } from '../configuration/shape.ts';

type AgentConfiguration = Configuration['agents'][number];

/** What stands where people look for an agent's purpose and nobody gave one. */
const NO_PURPOSE = 'Nobody has said what it is for (`purpose`).';

/** An agent as the configuration writes it → as the corridor reads it. The shape has checked every form. */
export function resolveAgent({ hours, budgets, cadence, ...agent }: AgentConfiguration): Agent {
  return {
    purpose: NO_PURPOSE,
    ...(agent as Omit<Agent, 'purpose' | 'hours' | 'budgets' | 'cadenceMs'>),
    ...(cadence === undefined ? {} : { cadenceMs: durationMs(cadence) }),
    ...(hours === undefined ? {} : { hours: resolveHours(hours) }),
    ...(budgets === undefined
      ? {}
      : { budgets: Object.entries(budgets).map(([id, budget]) => resolveBudget(id, budget)) }),
  };
}

function resolveHours({ days, from, to, zone }: NonNullable<AgentConfiguration['hours']>): Hours {
  const numbers = days.map((day) => WEEKDAYS.indexOf(day) + 1);
  return { days: numbers, from: minutesOf(from) ?? 0, to: minutesOf(to) ?? 0, zone };
}

function resolveBudget(id: string, given: BudgetConfiguration): Budget {
  const { actions, targets, money, bytes, time, per, of = [], each, burst, soft } = given;
  const rest = {
    id,
    per,
    each: each !== undefined,
    of: typeof of === 'string' ? [of] : of,
    ...(burst === undefined ? {} : { burst }),
    ...(soft === undefined ? {} : { soft: Number(soft.slice(0, -1)) }),
  };
  if (money !== undefined) {
    const [amount = '', currency = ''] = money.split(' ');
    return { ...rest, measure: 'money', limit: Math.round(Number(amount) * MONEY_SCALE), currency };
  }
  if (time !== undefined) return { ...rest, measure: 'time', limit: durationMs(time) };
  if (targets !== undefined) return { ...rest, measure: 'targets', limit: targets };
  if (bytes !== undefined) return { ...rest, measure: 'bytes', limit: Math.floor(bytes) };
  return { ...rest, measure: 'actions', limit: actions ?? 0 };
}

/** What budgets name must be there: a budget about nothing would hold nobody. */
export function checkBudgets(
  { agents, upstreams }: Pick<Configuration, 'agents' | 'upstreams'>,
  say: (path: Path, message: string) => void,
): void {
  const groups = [...RISK_GROUPS, ...EFFECT_GROUPS, ...CATALOG_GROUPS];
  const known = [...groups, ...Object.keys(upstreams).map((id) => `upstream:${id}`)];
  for (const [i, { budgets = {} }] of agents.entries())
    for (const [id, { of = [] }] of Object.entries(budgets))
      for (const one of typeof of === 'string' ? [of] : of) {
        const upstream = /^[a-z]+:([^/]+)\/./.exec(one)?.[1];
        if (known.includes(one) || (upstream !== undefined && Object.hasOwn(upstreams, upstream))) continue;
        const hint = didYouMean(one, known, '`') ?? `known are groups such as ${groups[0]}, and operations`;
        say(['agents', i, 'budgets', id, 'of'], `\`${one}\` is no group or operation here; ${hint}`);
      }
}
