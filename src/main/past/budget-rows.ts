import { toInstant } from '../../base/clock.ts';
import type { BudgetRow } from '../../contract/control-reads.ts';
import type { BudgetStanding } from '../../model/budget.ts';
import { amountText } from '../../pipeline/action/budgets.ts';
import type { House } from '../house.ts';

/** How an agent's budgets stand, with what is left; of those by the session the fullest of its tokens. */
export function budgetRows(
  house: Pick<House, 'standing' | 'rooms' | 'tokens' | 'clock'>,
  id: string,
): BudgetRow[] {
  const budgets = house.standing.inForce.agents.get(id)?.budgets ?? [];
  const tokens = house.tokens.ofAgent(id).map((token) => token.id);
  return house.rooms.budgets.standings(id, budgets, tokens, house.clock.now()).map(rowOf);
}

/** Until when this agent is narrower for its release (docs/formats/breakers.md); null: it is not. */
export function halfOpenUntil({ rooms, clock }: Pick<House, 'rooms' | 'clock'>, id: string): string | null {
  const untilMs = rooms.past.halfOpenUntil(id, clock.now());
  return untilMs === null ? null : toInstant(untilMs);
}

function rowOf({ budget, used, left, halfUntilMs, resetsAtMs }: BudgetStanding): BudgetRow {
  const { id, measure, limit, per, of, each, burst } = budget;
  const what = `${amountText(budget, used)} of ${amountText(budget, limit)} per ${per}`;
  const half =
    halfUntilMs === null ? '' : `: half of what was left at the release, until ${toInstant(halfUntilMs)}`;
  const apart = each ? ', for the fullest target' : burst === undefined ? '' : `, ${burst} at once`;
  return {
    id,
    measure,
    per,
    of,
    each,
    limit,
    used,
    left,
    resetsAt: resetsAtMs === null ? null : toInstant(resetsAtMs),
    says: `${what}${apart}; ${amountText(budget, left)} left${half}`,
  };
}
