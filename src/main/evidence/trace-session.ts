import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Store } from '../../store/store.ts';
import { entryOf, type SetAt } from '../in-force/set-at.ts';

/** One thing that a session was answered, however often. */
interface Read {
  readonly operation: string;
  readonly target: string | null;
  readonly source: string;
  readonly sensitivity: string;
  count: number;
  last: Entry;
}

/**
 * The session of an action and those it worked for, nearest first: what each had been answered before the action, and
 * what it had been denied.
 */
export async function sessionsBefore(store: Store, decided: Entry, set: SetAt): Promise<JsonObject[]> {
  const sessions: JsonObject[] = [];
  const seen = new Set<string>();
  let session = decided.session;
  let parent = decided['parent'];
  while (session !== undefined && !seen.has(session) && sessions.length < LIMITS.tracedSessions) {
    seen.add(session);
    // A parent may be another agent's; the session itself is this one's alone.
    const agent = sessions.length === 0 ? decided.agent : undefined;
    const before = await readSession(
      store,
      { session, ...(agent === undefined ? {} : { agent }) },
      decided.seq,
      set,
    );
    sessions.push({ session, ...before.told });
    session = typeof parent === 'string' ? parent : undefined;
    parent = before.parent;
  }
  return sessions;
}

async function readSession(
  store: Store,
  whose: { readonly session: string; readonly agent?: string },
  before: number,
  set: SetAt,
): Promise<{ told: JsonObject; parent: string | undefined }> {
  const allowed = new Map<string, Entry>();
  const reads = new Map<string, Read>();
  const denials: JsonObject[] = [];
  let parent: string | undefined;
  let [actions, denied] = [0, 0];
  for await (const page of store.find({ ...whose, kinds: ['action.decided', 'action.outcome'] })) {
    for (const row of page) {
      if (row.seq >= before) break;
      const entry = entryIn(row.text);
      if (typeof entry['parent'] === 'string') parent = entry['parent'];
      if (entry.kind === 'action.outcome') {
        const begun = allowed.get(entry.action ?? '');
        allowed.delete(entry.action ?? '');
        if (begun !== undefined && entry.outcome !== 'aborted') addRead(reads, begun, set);
        continue;
      }
      actions++;
      if (entry.decision === 'allow') allowed.set(entry.action ?? '', entry);
      else {
        denied++;
        denials.push(deniedOf(entry));
        if (denials.length > LIMITS.tracedDenials) denials.shift();
      }
    }
  }
  const latest = [...reads.values()].sort((a, b) => b.last.seq - a.last.seq);
  const told = {
    actions,
    read: latest.slice(0, LIMITS.tracedReads).map(toldOf),
    readMore: Math.max(0, latest.length - LIMITS.tracedReads),
    denied,
    denials: denials.reverse(),
  };
  return { told, parent };
}

function addRead(reads: Map<string, Read>, begun: Entry, set: SetAt): void {
  const operation = begun.operation ?? '';
  const target = begun.target === undefined ? null : `${begun.target.type} ${begun.target.id}`;
  const key = `${operation} ${target ?? ''}`;
  const known = reads.get(key);
  if (known !== undefined) {
    known.count++;
    known.last = begun;
    return;
  }
  const entry = entryOf(set, operation);
  // What no catalog speaks of is read the dangerous way.
  const { source = 'untrusted', sensitivity = 'secret' } = entry ?? {};
  reads.set(key, { operation, target, source, sensitivity, count: 1, last: begun });
}

function toldOf({ operation, target, source, sensitivity, count, last }: Read): JsonObject {
  const { action = '', at, seq } = last;
  return { operation, target, source, sensitivity, count, last: { action, at, seq } };
}

function deniedOf({
  action = '',
  at,
  seq,
  operation = '',
  target,
  code = '',
  rules = [],
}: Entry): JsonObject {
  const on = target === undefined ? null : `${target.type} ${target.id}`;
  return { action, at, seq, operation, target: on, code, rules: [...rules] };
}
