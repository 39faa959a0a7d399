import { durationMs } from '../../base/duration.ts';
import { minutesOf } from '../../base/local-time.ts';
import { didYouMean } from '../../base/nearest.ts';
import type { Agent } from '../../model/agent.ts';
import { type Budget, MONEY_SCALE } from '../../model/budget.ts';
import { type Hours, WEEKDAYS } from '../../model/hours.ts';
import { CATALOG_GROUPS, EFFECT_GROUPS, RISK_GROUPS } from '../../policy/index.ts';
import type { BudgetConfiguration } from '../configuration/budget-shape.ts';
import type { Path } from '../configuration/problem.ts';
import type { Configuration } from '../configuration/shape.ts';

type AgentConfiguration = Configuration['agents'][number];

/** What stands where people look for an agent's purpose and nobody gave one. */
const NO_PURPOSE = 'Nobody has said what it is for (`purpose`).';

/** An agent as the configuration writes it → as the corridor reads it. The shape has checked every form. */
export function resolveAgent({ does, hours, budgets, cadence, ...agent }: AgentConfiguration): Agent {
  return {
    purpose: NO_PURPOSE,
    ...(agent as Omit<Agent, 'purpose' | 'does' | 'hours' | 'budgets' | 'cadenceMs'>),
    ...(does === undefined ? {} : { does: listed(does) }),
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
    of: listed(of),
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

const listed = (of: string | readonly string[]): readonly string[] => (typeof of === 'string' ? [of] : of);

/**
 * What an agent's `does` and its budgets name must be there: a budget about nothing would hold nobody, and all that an agent
 * does would be outside of a purpose that was mistyped.
 */
export function checkNamed(
  { agents, upstreams }: Pick<Configuration, 'agents' | 'upstreams'>,
  say: (path: Path, message: string) => void,
): void {
  const groups = [...RISK_GROUPS, ...EFFECT_GROUPS, ...CATALOG_GROUPS];
  const known = [...groups, ...Object.keys(upstreams).map((id) => `upstream:${id}`)];
  const check = (path: Path, of: string | readonly string[]) => {
    for (const one of listed(of)) {
      const upstream = /^[a-z]+:([^/]+)\/./.exec(one)?.[1];
      if (known.includes(one) || (upstream !== undefined && Object.hasOwn(upstreams, upstream))) continue;
      const hint = didYouMean(one, known, '`') ?? `known are groups such as ${groups[0]}, and operations`;
      say(path, `\`${one}\` is no group or operation here; ${hint}`);
    }
  };
  for (const [i, { does = [], budgets = {} }] of agents.entries()) {
    check(['agents', i, 'does'], does);
    for (const [id, { of = [] }] of Object.entries(budgets)) check(['agents', i, 'budgets', id, 'of'], of);
  }
}
