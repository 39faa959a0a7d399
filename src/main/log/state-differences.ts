import { digestOf } from '../../base/hash.ts';
import type { Store } from '../../store/store.ts';
import { givenBy, VOUCHED_KINDS } from './log-cells.ts';
import type { LogState } from './log-state.ts';

/** How what the store remembers differs from what the log says, a line each. */
export async function differences(state: LogState, store: Store): Promise<string[]> {
  const lines = [...state.faults];
  const kept = new Set<string>();
  for (const kind of VOUCHED_KINDS) {
    for (const { key, value } of await store.cells(kind)) {
      const name = `${kind} ${key}`;
      kept.add(name);
      const expected = state.cells.get(name);
      // A token of before its entry said what is kept of it.
      if (expected === '' && kind === 'token') continue;
      if (expected === undefined) lines.push(`${name} is kept, and the log knows nothing of it`);
      else if (expected !== givenBy(kind, value)) lines.push(`${name} is kept otherwise than the log says`);
    }
    for (const name of state.cells.keys())
      if (name.startsWith(`${kind} `) && !kept.has(name))
        lines.push(`${name} is missing, and the log says it stands`);
  }
  const digest = state.cells.get('in-force set');
  const text = digest === undefined ? null : await store.cell('set', digest);
  if (digest !== undefined && (text === null || digestOf(text) !== digest))
    lines.push('the text of the set in force is not the one that was applied');
  return lines;
}
