import { freezeEverything } from '../pipeline/freeze.ts';
import { budgetDifferences, mendBudgets } from './budgets.ts';
import type { House } from './house.ts';
import { differences, readLogState } from './log-state.ts';

/**
 * At start: what is remembered beside the log must be what the log says, and what nobody could sign must have been
 * confirmed since the claim. Else everything stands still.
 */
export async function checkState(house: House): Promise<void> {
  const state = await readLogState(house.store, house.ground.instance);
  const budgets = await budgetDifferences(house.store);
  const differ = [...(await differences(state, house.store)), ...budgets.lines];
  for (const line of differ) house.log(`state: ${line}`);
  if (differ.length > 0) {
    house.log(
      'The state was changed beside the log, so everything is frozen. Revoke, stop or apply what differs, then release all.',
    );
    freezeEverything(house.halt, house.recorder, 'the state differs from what the log says');
    if (budgets.mend.length > 0) mendBudgets(house, budgets.mend);
  }
  const open = state.claimed ? state.unconfirmed(house.clock.now()).length : 0;
  if (open > 0 && house.halt.levels.get('all') === undefined)
    freezeEverything(house.halt, house.recorder, `${open} acts of before the claim are not confirmed`);
}

/** Why everything may not be released yet; null when it may. */
export async function whyNotByState(house: House): Promise<string | null> {
  const state = await readLogState(house.store, house.ground.instance);
  const budgets = await budgetDifferences(house.store);
  const differ = [...(await differences(state, house.store)), ...budgets.lines];
  if (differ.length > 0) return ['The state still differs from what the log says:', ...differ].join('\n');
  const open = state.claimed ? state.unconfirmed(house.clock.now()) : [];
  if (open.length === 0) return null;
  return [
    `${open.length} acts of before the claim are neither confirmed nor undone (./lanyard confirm):`,
    ...open.slice(0, 20).map(({ seq, says }) => `  entry ${seq}: ${says}`),
  ].join('\n');
}
