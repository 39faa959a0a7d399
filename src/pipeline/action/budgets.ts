import { toInstant } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { amountOf } from '../../catalog/targets/amount.ts';
import type { Change, Shortfall, Spending, Warning } from '../../containment/budgets.ts';
import type { Action } from '../../model/action.ts';
import { type Budget, MONEY_SCALE } from '../../model/budget.ts';
import type { CellChange } from '../../store/store.ts';
import type { InForce } from '../in-force.ts';
import type { DecidingRooms, Rooms } from '../rooms.ts';
import { entryFor, namesOf } from './operation-entry.ts';

/** Where budgets meet the corridor. */

const APPLYING = new WeakMap<InForce, Map<string, readonly Budget[]>>();
const NO_BUDGETS: readonly Budget[] = [];

/** The budgets of its agent that this action counts in; worked out once for each pair of agent and operation. */
function budgetsFor(inForce: InForce, action: Action): readonly Budget[] {
  const budgets = inForce.agents.get(action.agent)?.budgets ?? NO_BUDGETS;
  if (budgets.length === 0) return NO_BUDGETS;
  let known = APPLYING.get(inForce);
  if (known === undefined) {
    known = new Map();
    APPLYING.set(inForce, known);
  }
  const key = `${action.agent} ${action.operation}`;
  let applying = known.get(key);
  if (applying === undefined) {
    const names = namesOf(inForce, action);
    applying = budgets.filter(({ of }) => of.length === 0 || of.some((one) => names.has(one)));
    known.set(key, applying);
  }
  return applying;
}

const MADE = new WeakMap<Action, Spending>();

function spendingOf(inForce: InForce, action: Action): Spending {
  let spending = MADE.get(action);
  if (spending === undefined) {
    spending = {
      action: action.id,
      agent: action.agent,
      token: action.token ?? '',
      targets: action.namedTargets.map(({ type, id }) => `${type} ${id}`),
      bytes: Buffer.byteLength(action.argumentsText),
      money: amountOf(entryFor(inForce, action), action.arguments),
    };
    MADE.set(action, spending);
  }
  return spending;
}

/** Why a budget does not let this happen; null where it fits. Terminal: nothing but time, or the owner, changes it. */
export function overBudget(rooms: DecidingRooms, inForce: InForce, action: Action): Problem | null {
  const budgets = budgetsFor(inForce, action);
  if (budgets.length === 0) return null;
  const short = rooms.budgets.check(budgets, spendingOf(inForce, action), rooms.clock.now());
  return short === null ? null : shortfall(short, action);
}

/** How far the tightest budget is used with this action, in percent. */
export function budgetPercent(rooms: DecidingRooms, inForce: InForce, action: Action): number {
  const budgets = budgetsFor(inForce, action);
  if (budgets.length === 0) return 0;
  return rooms.budgets.percent(budgets, spendingOf(inForce, action), rooms.clock.now());
}

function shortfall({ budget, why, resetsAtMs, halfUntilMs }: Shortfall, { operation }: Action): Problem {
  const { id } = budget;
  if (why === 'unreadable') return problem('AMOUNT_UNKNOWN', { operation, budget: id });
  const until =
    halfUntilMs !== null
      ? `after a release only half of what was left is to be had until ${toInstant(halfUntilMs)}`
      : resetsAtMs !== null
        ? `it begins anew at ${toInstant(resetsAtMs)}`
        : budget.burst !== undefined
          ? 'it is a rate'
          : budget.per === 'session'
            ? 'it is for the whole session'
            : 'it is for good';
  return problem('BUDGET_SPENT', {
    budget: id,
    limit: amountText(budget, budget.limit),
    per: budget.per,
    until,
  });
}

/** `20 actions`, `100.5 EUR`, `90 s`. */
export function amountText({ measure, currency }: Budget, amount: number): string {
  switch (measure) {
    case 'money':
      return `${amount / MONEY_SCALE} ${currency ?? ''}`;
    case 'time':
      return `${Math.ceil(amount / 1000)} s`;
    default:
      return `${amount} ${measure}`;
  }
}

/** Reserves what this action uses of its agent's budgets. Call it in the tick in which it was found to fit. */
export function reserve(rooms: Rooms, inForce: InForce, action: Action): void {
  const budgets = budgetsFor(inForce, action);
  if (budgets.length === 0) return;
  const warnings = rooms.budgets.reserve(budgets, spendingOf(inForce, action), rooms.clock.now());
  for (const warning of warnings) warn(rooms, action, warning);
}

function warn(rooms: Rooms, { agent, owner }: Action, { budget, used }: Warning): void {
  const { id, limit, per } = budget;
  rooms.report(
    `agent ${agent} has used ${amountText(budget, used)} of ${amountText(budget, limit)} (budget ${id}, per ${per})`,
  );
  const draft = {
    fields: { kind: 'containment.budget', agent, owner, budget: id, used, limit, per },
  } as const;
  rooms.recorder.record(draft).catch(() => rooms.recorder.owe(draft));
}

/** What is written with an entry about spending: the cells, and the member `spent` of the entry, which says the same. */
interface Spent {
  readonly cells: readonly CellChange[];
  readonly fields: { readonly spent?: JsonObject };
}

const NOTHING: Spent = { cells: [], fields: {} };

export function spentBy(rooms: Pick<Rooms, 'budgets'>, action: Action): Spent {
  return spentOf(rooms.budgets.changes(action.id), action.agent);
}

/** The action has ended. An aborted one never left, so its share is given back; with any other outcome it stays spent. */
export function settleSpent(rooms: Rooms, action: Action, isAborted: boolean): Spent {
  const began = BEGAN.get(action) ?? rooms.clock.monotonicMs();
  const ranMs = rooms.clock.monotonicMs() - began;
  const changes = isAborted
    ? rooms.budgets.giveBack(action.id)
    : rooms.budgets.settle(action.id, ranMs, rooms.clock.now());
  return spentOf(changes, action.agent);
}

/** When each action was recorded as allowed: its running time counts from there. */
const BEGAN = new WeakMap<Action, number>();
export const beginsToRun = (rooms: Pick<Rooms, 'clock' | 'budgets'>, action: Action): void => {
  if (rooms.budgets.hasReserved(action.id)) BEGAN.set(action, rooms.clock.monotonicMs());
};

function spentOf(changes: readonly Change[], agent: string): Spent {
  if (changes.length === 0) return NOTHING;
  const spent: Record<string, string | null> = {};
  const cells = changes.map(({ account, slot, text }): CellChange => {
    const key = slot === '' ? account : `${account}|${slot}`;
    spent[key.slice(agent.length + 1)] = text;
    return { kind: 'budget', key, value: text };
  });
  return { cells, fields: { spent } };
}
