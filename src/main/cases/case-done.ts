import { LIMITS } from '../../base/limits.ts';
import type { CaseDone } from '../../contract/case.ts';
import { type Entry, entryIn, type TargetShape } from '../../contract/log-entry.ts';
import type { House } from '../house.ts';
import { type CaseWindow, entryOf, isIn, searchOf } from './case-window.ts';

interface Tally {
  readonly target: TargetShape | null;
  readonly agents: Set<string>;
  readonly operations: Map<string, number>;
  times: number;
  readonly action: string;
  readonly at: string;
}

/** What ran, or may have, by target: the newest of it, and so much of it as is looked at. */
export async function doneBy(
  house: House,
  window: CaseWindow,
): Promise<{ readonly done: readonly CaseDone[]; readonly reads: number; readonly more: boolean }> {
  const { store } = house;
  const { holding = [], ...search } = searchOf(window);
  const allowed = await store.newest({
    ...search,
    kinds: ['action.decided'],
    holding: ['"decision":"allow"', ...holding],
    limit: LIMITS.caseActions,
  });
  const tallies = new Map<string, Tally>();
  let reads = 0;
  for (const { text } of allowed) {
    const entry = entryIn(text);
    if (!isIn(window.scope, entry)) continue;
    if (entryOf(house, entry.operation ?? '')?.risk === 'read') reads++;
    else count(tallies, entry);
  }
  const rows = [...tallies.values()].map((one) => rowOf(house, one));
  rows.sort((a, b) => gravityOf(b) - gravityOf(a) || b.times - a.times);
  return {
    done: rows.slice(0, LIMITS.caseTargets),
    reads,
    more: allowed.length === LIMITS.caseActions || rows.length > LIMITS.caseTargets,
  };
}

function count(tallies: Map<string, Tally>, entry: Entry): void {
  const { target, targets, agent = '', operation = '', action = '', at } = entry;
  const named: readonly (TargetShape | null)[] = targets ?? (target === undefined ? [null] : [target]);
  for (const one of named.length === 0 ? [null] : named) {
    const key = JSON.stringify(one);
    const tally = tallies.get(key) ?? {
      target: one,
      agents: new Set<string>(),
      operations: new Map<string, number>(),
      times: 0,
      action,
      at,
    };
    tally.agents.add(agent);
    tally.operations.set(operation, (tally.operations.get(operation) ?? 0) + 1);
    tally.times++;
    tallies.set(key, tally);
  }
}

function rowOf(house: House, { target, agents, operations, times, action, at }: Tally): CaseDone {
  return {
    target,
    agents: [...agents],
    times,
    operations: [...operations].map(([operation, times]) => {
      const entry = entryOf(house, operation);
      const undo = entry?.undo?.operation ?? null;
      const { risk = 'unclassified', reversibility = 'unknown' } = entry ?? {};
      return { operation, times, risk, reversibility, undo };
    }),
    action,
    at,
  };
}

/** What cannot be taken back before what can. */
const GRAVEST = ['read-only', 'reversible', 'externally-reversible', 'unknown', 'irreversible'];

const gravityOf = ({ operations }: CaseDone): number =>
  Math.max(...operations.map(({ reversibility }) => GRAVEST.indexOf(reversibility)));
