import type { Action } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import type { InForce } from '../in-force.ts';
import type { Rooms } from '../rooms.ts';
import { reserve } from './budgets.ts';
import { countAllowed } from './past.ts';
import type { Prepared } from './prepare.ts';

type Chargeable = Pick<Prepared, 'action' | 'brings'>;

/** From here on an allowed action counts, holds its share of its budgets, and its answer may bring its marks. */
export function charge(rooms: Rooms, inForce: InForce, { action, brings }: Chargeable): void {
  rooms.marks.expect(action.id, action, brings);
  countAllowed(rooms, inForce, action);
  reserve(rooms, inForce, action);
}

/**
 * An allow is charged in the tick in which it is decided, so that calls side by side see each other. A review is charged
 * later, when its approval or grant is spent: it is decided again just then, and must not find itself counted already.
 */
export function chargeIfAllowed(
  rooms: Rooms,
  inForce: InForce,
  prepared: Chargeable,
  decision: Decision,
): void {
  if (decision.decision === 'allow') charge(rooms, inForce, prepared);
}

/** The action does not run after all, so it spends nothing. Harmless where nothing was charged. */
export function refund(rooms: Rooms, action: Action): void {
  rooms.marks.end(action.id, false, rooms.clock.now());
  rooms.budgets.giveBack(action.id);
}

/** What an approval or grant lets run was prepared anew, as an action of its own: that one brings the marks. */
export function chargeInstead(rooms: Rooms, action: Action, { action: going, brings }: Chargeable): void {
  rooms.marks.expect(going.id, going, brings);
  refund(rooms, action);
}
