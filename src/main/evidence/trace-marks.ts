import { DAY_MS } from '../../base/duration.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Store } from '../../store/store.ts';

/**
 * Where the marks that a decision saw may have come from: what the sessions of the same token, and those it worked with,
 * were answered in the day before, the latest for each mark. A mark that an earlier day left behind has none.
 */
export async function marksBefore(store: Store, decided: Entry): Promise<JsonObject[]> {
  const marks = decided.marks ?? [];
  if (marks.length === 0 || decided.agent === undefined) return [];
  const from = new Map<string, JsonObject[]>(marks.map((mark) => [mark, []]));
  const sinceMs = Date.parse(decided.at) - DAY_MS;
  const allowed = new Map<string, Entry>();
  for await (const page of store.find({ agent: decided.agent, sinceMs })) {
    for (const row of page) {
      if (row.seq >= decided.seq) return told(from);
      const entry = entryIn(row.text);
      const action = entry.action ?? '';
      if (entry.kind === 'action.decided') {
        if (entry.decision === 'allow') allowed.set(action, entry);
        continue;
      }
      const begun = allowed.get(action);
      if (entry.kind !== 'action.outcome' || begun === undefined) continue;
      allowed.delete(action);
      if (entry.outcome !== 'aborted') note(from, begun, [...(begun.brings ?? []), ...(entry.brings ?? [])]);
    }
  }
  return told(from);
}

function note(from: Map<string, JsonObject[]>, begun: Entry, brings: readonly string[]): void {
  const { action = '', at, seq, operation = '', session = '', target } = begun;
  const on = target === undefined ? null : `${target.type} ${target.id}`;
  for (const mark of new Set(brings)) {
    const reads = from.get(mark);
    reads?.push({ action, at, seq, operation, session, target: on });
    if (reads !== undefined && reads.length > LIMITS.tracedMarks) reads.shift();
  }
}

const told = (from: ReadonlyMap<string, JsonObject[]>): JsonObject[] =>
  [...from].map(([mark, reads]) => ({ mark, from: reads.toReversed() }));
