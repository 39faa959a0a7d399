import { LIMITS } from '../../base/limits.ts';
import { splitScope } from '../../containment/levels.ts';
import type { CaseUnknown } from '../../contract/case.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { House } from '../house.ts';
import { type CaseWindow, entryOf, isIn, searchOf } from './case-window.ts';

/** Actions of anything but reads that may have been done: nobody knows. */
export async function unknownIn(house: House, window: CaseWindow): Promise<CaseUnknown[]> {
  const { store, standing } = house;
  const size = await store.size();
  const split = splitScope(window.scope);
  const { holding = [], ...search } = searchOf({ ...window, before: size });
  // The end says less than the decision: what it does not hold is asked of that.
  const held = ['"outcome":"unknown"', ...(split?.kind === 'operation' ? holding : [])];
  const found = await store.newest({
    ...search,
    kinds: ['action.outcome'],
    holding: held,
    limit: LIMITS.caseUnknown,
  });
  const rows: CaseUnknown[] = [];
  for (const { action = '', seq } of found.map(({ text }) => entryIn(text))) {
    const decided = await decisionOf(house, action);
    if (decided === null || decided.seq < window.from || decided.seq >= window.before) continue;
    const { agent = '', operation = '', owner, target, targets, at } = decided;
    if (split?.kind === 'owner' && owner !== split.id) continue;
    if (!isIn(window.scope, decided) || riskOf(house, operation) === 'read') continue;
    const resolved = await resolvedAs(house, action, seq, size);
    rows.push({
      action,
      at,
      agent,
      operation,
      resolved,
      targets: targets ?? (target === undefined ? [] : [target]),
      holds: resolved === null && standing.inForce.agents.has(agent),
    });
  }
  return rows.sort((a, b) => Number(b.holds) - Number(a.holds));
}

async function decisionOf({ store }: House, action: string): Promise<Entry | null> {
  for await (const page of store.find({ action, kinds: ['action.decided'] }))
    for (const { text } of page) {
      const entry = entryIn(text);
      if (entry.decision === 'allow') return entry;
    }
  return null;
}

async function resolvedAs(
  { store }: House,
  action: string,
  from: number,
  before: number,
): Promise<'done' | 'not-done' | null> {
  const holding = [`"resolves":${JSON.stringify(action)}`];
  const [found] = await store.newest({ kinds: ['operator.resolved'], from, before, limit: 1, holding });
  if (found === undefined) return null;
  return entryIn(found.text)['ended'] === 'done' ? 'done' : 'not-done';
}

const riskOf = (house: House, operation: string): string => entryOf(house, operation)?.risk ?? 'unclassified';
