import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ActionPage, ActionRow } from '../../contract/control-reads.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { ActionQuery } from '../../control/reads.ts';
import type { NewestSearch, Store, StoredEntry } from '../../store/store.ts';
import { rowFrom } from './action-rows.ts';

/**
 * Looks back from the end, a bounded stretch of the log at a time, until the page is full or the time for one answer is
 * over: whoever asks goes on from there. So no search holds up what is being decided, however long the log is.
 */
export async function searchActions(store: Store, clock: Clock, query: ActionQuery): Promise<ActionPage> {
  const until = clock.monotonicMs() + LIMITS.searchMs;
  const size = await store.size();
  const rows = new Map<string, ActionRow>();
  let before = Math.min(query.before ?? size, size);
  let lookedBackTo: string | null = null;
  while (before > 0 && rows.size < LIMITS.searchPage) {
    const from = Math.max(0, before - LIMITS.searchStretch);
    const limit = LIMITS.searchPage - rows.size;
    const found = await store.newest({ ...wanted(query), from, before, limit });
    for (const entry of found) await take(store, rows, entry);
    before = found.length < limit ? from : (found.at(-1)?.seq ?? from);
    lookedBackTo = (await timeAt(store, before)) ?? lookedBackTo;
    if (clock.monotonicMs() > until) break;
    await nextTurn();
  }
  return { rows: [...rows.values()], before: before > 0 ? before : null, lookedBackTo };
}

async function take(store: Store, rows: Map<string, ActionRow>, { text }: StoredEntry): Promise<void> {
  const { action, seq } = entryIn(text);
  if (action === undefined || rows.has(action)) return;
  const row = await rowFrom(store, action);
  if (row !== null) rows.set(action, { ...row, seq });
}

async function timeAt(store: Store, seq: number): Promise<string | null> {
  for await (const page of store.entries(seq, seq + 1)) for (const { text } of page) return entryIn(text).at;
  return null;
}

const DECISIONS: ReadonlySet<string> = new Set(['allow', 'review', 'deny']);

/** Canonical text writes members without spaces and strings as JSON does, so letters can be looked for in it. */
function wanted({
  agent,
  session,
  fate,
  text,
}: ActionQuery): Omit<NewestSearch, 'from' | 'before' | 'limit'> {
  const ended = fate !== undefined && !DECISIONS.has(fate);
  const holding = [
    ...(fate === undefined ? [] : [`"${ended ? 'outcome' : 'decision'}":"${fate}"`]),
    ...(text === undefined || text === '' ? [] : [JSON.stringify(text).slice(1, -1)]),
  ];
  return {
    kinds: [ended ? 'action.outcome' : 'action.decided'],
    holding,
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
  };
}
