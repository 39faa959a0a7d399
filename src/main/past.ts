import { LIMITS } from '../base/limits.ts';
import type { Entry } from '../contract/log-entry.ts';
import { type Past, readUsedKey } from '../history/index.ts';
import type { InForce } from '../pipeline/in-force.ts';
import type { NewEntry, Store } from '../store/store.ts';

const QUESTIONS: readonly string[] = [
  'approval.asked',
  'approval.answered',
  'approval.cancelled',
  'approval.spent',
];

/**
 * Reads back what agents have been through: what was used ever from its cells, the last hour's pace and the questions of
 * a while from the log. Where more happened within the hour than is read, the newest count.
 */
export async function recallPast(store: Store, past: Past, inForce: InForce, nowMs: number): Promise<void> {
  for (const { key } of await store.cells('used')) {
    const step = readUsedKey(key);
    if (step !== null) past.use(step);
  }
  for await (const page of store.find({ kinds: QUESTIONS, sinceMs: nowMs - LIMITS.refusalsLastMs }))
    for (const { text } of page) past.follow(JSON.parse(text) as Entry);
  const from = Math.max(0, (await store.size()) - LIMITS.recalledEntries);
  for await (const page of store.find({ kinds: ['action.decided'], sinceMs: nowMs - HOUR_MS, from }))
    for (const { text } of page) recount(JSON.parse(text) as Entry, past, inForce);
}

const HOUR_MS = 3_600_000;

function recount({ agent, operation, decision, at }: Entry, past: Past, inForce: InForce): void {
  if (agent === undefined || operation === undefined || decision !== 'allow') return;
  const [, upstream = '', name = ''] = /^[a-z]+:([^/]+)\/(.*)$/.exec(operation) ?? [];
  const risk = inForce.upstreams.get(upstream)?.entryOf(name)?.risk ?? 'unclassified';
  past.count({ agent, operation }, risk, Date.parse(at));
}

/** What has become durable, for what is not counted in the corridor itself. */
export function followQuestions(past: Past, entries: readonly NewEntry[]): void {
  for (const { kind, text } of entries) if (QUESTIONS.includes(kind)) past.follow(JSON.parse(text) as Entry);
}
