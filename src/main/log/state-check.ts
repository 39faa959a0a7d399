import type { Problem } from '../../base/errors.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import { type Pins, readPins } from '../../catalog/pins/pins.ts';
import { freezeEverything } from '../../pipeline/stop/freeze.ts';
import type { Store } from '../../store/store.ts';
import { approvalDifferences, endQuestions } from '../approvals/approval-differences.ts';
import type { House } from '../house.ts';
import { budgetDifferences, mendBudgets } from '../past/budgets.ts';
import { nameOf, TELLING_KINDS } from './log-cells.ts';
import { type LogState, readLogState } from './log-state.ts';
import { differences } from './state-differences.ts';

/** How often both are read while entries that tell of cells keep coming; after that, what differs counts. */
const READINGS = 5;

/** All that differs from what the log says, and what would be mended of it. */
async function compare(house: House) {
  const { state, differing } = await readTogether(house);
  const budgets = await budgetDifferences(house.store);
  const approvals = await approvalDifferences(house.store, house.clock.now());
  const lines = [...differing, ...budgets.lines, ...approvals.lines];
  return { state, budgets, approvals, lines };
}

/**
 * The log and the cells as of one moment. What Lanyard itself does between the two readings (a grant ends, a token is
 * revoked) looks like a hand in the state; so where they differ and such an entry came meanwhile, both are read again.
 */
async function readTogether({ store, ground }: House) {
  for (let left = READINGS; ; left--) {
    const size = await store.size();
    const state = await readLogState(store, ground.instance);
    const differing = await differences(state, store);
    if (differing.length === 0 || left === 1 || !(await hasToldSince(store, size)))
      return { state, differing };
  }
}

async function hasToldSince(store: Store, from: number): Promise<boolean> {
  for await (const page of store.find({ kinds: TELLING_KINDS, from })) if (page.length > 0) return true;
  return false;
}

/**
 * At start: what is remembered beside the log must be what the log says, and what nobody could sign must have been
 * confirmed since the claim. Else everything stands still. Pins, questions and budgets are then put right by the log, so
 * that a person who releases everything releases what it says.
 */
export async function checkState(house: House): Promise<void> {
  const { state, budgets, approvals, lines } = await compare(house);
  for (const [credential, counter] of state.counters)
    house.passkeys.count(credential, Math.max(counter, house.passkeys.counterOf(credential)));
  for (const line of lines) house.log(`state: ${line}`);
  if (lines.length > 0) {
    house.log(
      'The state was changed beside the log, so everything is frozen. Revoke, stop or apply what differs, then release all.',
    );
    freezeEverything(house.halt, house.recorder, 'the state differs from what the log says');
    if (budgets.mend.length > 0) mendBudgets(house, budgets.mend);
    endQuestions(house.rooms.approvals, house.recorder, approvals.ids);
    await mendPins(house, state, lines);
  }
  const open = state.claimed ? state.unconfirmed(house.clock.now()).length : 0;
  if (open > 0 && house.halt.levels.get('all') === undefined)
    freezeEverything(house.halt, house.recorder, `${open} acts of before the claim are not confirmed`);
}

/** Of the pins that differ, what the log vouches for stays; the rest somebody accepts again. */
async function mendPins(house: House, state: LogState, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const [, name = '', upstream = '', generation] = /^(pins ([^/ ]+)\/(2026|2025)) /.exec(line) ?? [];
    if (upstream === '' || (generation !== '2026' && generation !== '2025')) continue;
    const kept = await house.store.cell('pins', `${upstream}/${generation}`);
    const trusted = trustedIn(kept, state.pinned.get(name) ?? new Set());
    house.standing.mendPins(upstream, generation, trusted);
    if (upstream === OWN_UPSTREAM) house.pins.forget(upstream);
  }
}

function trustedIn(kept: string | null, said: ReadonlySet<string>): Pins {
  const pins = kept === null ? null : readPins(kept);
  if (pins?.ok !== true) return new Map();
  return new Map([...pins.value].filter(([, definition]) => said.has(nameOf(definition))));
}

/** Why everything may not be released yet; null when it may. */
export async function whyNotByState(house: House): Promise<Problem | null> {
  const { state, lines } = await compare(house);
  if (lines.length > 0)
    return {
      code: 'STATE_NOT_OF_LOG',
      sentence: ['The state still differs from what the log says:', ...lines].join('\n'),
    };
  const open = state.claimed ? state.unconfirmed(house.clock.now()) : [];
  if (open.length === 0) return null;
  return {
    code: 'UNCONFIRMED',
    sentence: [
      `${open.length} acts of before the claim are neither confirmed nor undone (Duties in the console, or ./lanyard confirm):`,
      ...open.slice(0, 20).map(({ seq, says }) => `  entry ${seq}: ${says}`),
    ].join('\n'),
  };
}
