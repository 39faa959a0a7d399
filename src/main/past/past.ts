import { HOUR_MS } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { type Past, readUsedKey } from '../../history/index.ts';
import { traitsOf } from '../../pipeline/action/past.ts';
import type { InForce } from '../../pipeline/in-force.ts';
import type { NewEntry, Store } from '../../store/store.ts';

const FOLLOWED: readonly string[] = [
  'appeal.answered',
  'approval.asked',
  'approval.answered',
  'approval.cancelled',
  'approval.spent',
  'containment.released',
  'containment.stopped',
];

/**
 * Reads back what agents have been through: what was used and met ever, and what is usual, from cells; the last hour's pace,
 * the questions and releases of a while from the log. Where more happened within the hour than is read, the newest count.
 */
export async function recallPast(store: Store, past: Past, inForce: InForce, nowMs: number): Promise<void> {
  for (const { key } of await store.cells('used')) {
    const step = readUsedKey(key);
    if (step !== null) past.use(step);
  }
  for (const { key } of await store.cells('known')) {
    const [, agent = '', what = ''] = /^([^/]+)\/(.+)$/s.exec(key) ?? [];
    past.know(agent, [what]);
  }
  for (const { key, value } of await store.cells('usual')) past.recallUsual(key, value);
  for await (const page of store.find({ kinds: FOLLOWED, sinceMs: nowMs - LIMITS.refusalsLastMs }))
    for (const { text } of page) past.follow(entryIn(text));
  const from = Math.max(0, (await store.size()) - LIMITS.recalledEntries);
  const kinds = ['action.decided', 'action.outcome'];
  for await (const page of store.find({ kinds, sinceMs: nowMs - HOUR_MS, from }))
    for (const { text } of page) {
      const entry = entryIn(text);
      const untilMs = past.halfOpenUntil(entry.agent ?? '', nowMs);
      // What was before its release is forgotten.
      if (untilMs === null || Date.parse(entry.at) >= untilMs - LIMITS.halfOpenMs)
        recount(entry, past, inForce);
    }
}

function recount(entry: Entry, past: Past, inForce: InForce): void {
  const { agent, operation, decision, kind, at, target, targets } = entry;
  if (agent === undefined || operation === undefined) return;
  if (kind === 'action.outcome') {
    // Which call it was the log does not say: the same one again is told from others only while an instance runs.
    if (entry.outcome !== 'aborted')
      past.ended({ agent, operation, argumentsText: '' }, entry.outcome === 'ok');
    return;
  }
  if (decision === 'deny') past.denied(agent);
  if (decision !== 'allow') return;
  const [, upstream = '', name = ''] = /^[a-z]+:([^/]+)\/(.*)$/.exec(operation) ?? [];
  const namedTargets = targets ?? (target === undefined ? [] : [target]);
  const traits = traitsOf(inForce.upstreams.get(upstream)?.entryOf(name), operation);
  past.count({ agent, operation, namedTargets }, traits, Date.parse(at));
}

/** What has become durable, for what is not counted in the corridor itself. */
export function followPast(past: Past, entries: readonly NewEntry[]): void {
  for (const { kind, text } of entries) if (FOLLOWED.includes(kind)) past.follow(entryIn(text));
}
