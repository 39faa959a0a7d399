import { LIMITS } from '../../base/limits.ts';
import type { Budgets } from '../../containment/budgets.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { Recorder } from '../../pipeline/record.ts';
import type { CellChange, Store } from '../../store/store.ts';

/** Reads back what agents have spent: a restart begins no budget anew. */
export async function recallBudgets(store: Store, budgets: Budgets, nowMs: number): Promise<void> {
  for (const { key, value } of await store.cells('budget')) recallOne(budgets, key, value, nowMs);
}

function recallOne(budgets: Budgets, key: string, value: string, nowMs?: number): void {
  const bar = key.indexOf('|');
  if (bar === -1) budgets.recall(key, '', value, nowMs);
  else budgets.recall(key.slice(0, bar), key.slice(bar + 1), value, nowMs);
}

/** The log's word counts: in memory at once, and in the store with an entry that says so. */
export function mendBudgets(
  { recorder, rooms }: { readonly recorder: Recorder; readonly rooms: { readonly budgets: Budgets } },
  mend: readonly CellChange[],
): void {
  for (const { key, value } of mend) if (value !== null) recallOne(rooms.budgets, key, value);
  recorder.owe({ fields: { kind: 'containment.budget', mended: mend.length }, cells: mend });
}

/** What differs, and the cells that would say again what the log says. */
interface BudgetDifferences {
  readonly lines: readonly string[];
  readonly mend: readonly CellChange[];
}

/**
 * Where what is kept of a budget is not what the log said of it last, a line each. Looks LIMITS.budgetLookBack entries back;
 * of targets that are counted apart the newest.
 */
export async function budgetDifferences(store: Store): Promise<BudgetDifferences> {
  const size = await store.size();
  const kept = new Map((await store.cells('budget')).map(({ key, value }) => [key, value]));
  const looked = new Set<string>();
  const lines: string[] = [];
  const mend: CellChange[] = [];
  const from = Math.max(0, size - LIMITS.budgetLookBack);
  let before = size;
  while (before > from) {
    const search = { kinds: SPENDING, from, before, limit: LIMITS.budgetPage, holding: ['"spent":{'] };
    const page = await store.newest(search);
    for (const { text } of page) {
      const { agent, spent } = entryIn(text);
      if (agent === undefined || typeof spent !== 'object' || spent === null) continue;
      for (const [name, said] of Object.entries(spent)) {
        const key = `${agent}/${name}`;
        if (looked.has(key)) continue;
        looked.add(key);
        if ((kept.get(key) ?? null) === said) continue;
        lines.push(`budget ${key} is kept otherwise than the log says`);
        mend.push({ kind: 'budget', key, value: typeof said === 'string' ? said : null });
      }
    }
    if (page.length < LIMITS.budgetPage) break;
    before = page.at(-1)?.seq ?? from;
    if (looked.size > LIMITS.budgetTargets) break;
  }
  for (const key of unsaid(kept, looked, from)) {
    lines.push(`budget ${key} is kept, and the log knows nothing of it`);
    mend.push({ kind: 'budget', key, value: null });
  }
  return { lines, mend };
}

const SPENDING = ['action.decided', 'action.outcome'];

/** With the whole log in sight, what no entry speaks of was put there by somebody. */
function unsaid(kept: ReadonlyMap<string, string>, looked: ReadonlySet<string>, from: number): string[] {
  if (from > 0 || looked.size > LIMITS.budgetTargets) return [];
  return [...kept.keys()].filter((key) => !looked.has(key));
}
