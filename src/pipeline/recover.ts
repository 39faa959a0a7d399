import type { ErrorCode } from '../base/errors.ts';
import { type Entry, type EntryFields, entryIn } from '../contract/log-entry.ts';
import type { CellChange, CheckpointRow, Store } from '../store/store.ts';
import type { Recorder } from './record.ts';
import type { Draft } from './recording/draft.ts';

/** One action that was allowed and whose end nobody recorded. */
export interface Unfinished {
  readonly action: string;
  readonly agent: string;
  readonly operation: string;
  readonly at: string;
}

/** Actions open at the end of the log: those open at the checkpoint, and what the entries after it opened and closed. */
export async function findOpen(store: Store, checkpoint: CheckpointRow | null): Promise<Set<string>> {
  const open = new Set(checkpoint?.open);
  for await (const page of store.entries(checkpoint?.size ?? 0, await store.size())) {
    for (const row of page) {
      const entry = entryIn(row.text);
      if (entry.action === undefined) continue;
      // What the check door allowed is done elsewhere, by whoever asked: unreported.ts waits for its outcome.
      if (entry.door === 'check') continue;
      if (entry.kind === 'action.decided' && entry.decision === 'allow') open.add(entry.action);
      if (entry.kind === 'action.outcome') open.delete(entry.action);
    }
  }
  return open;
}

interface Closing {
  /** The cells that are kept with an action's end: what its session may have read by it. */
  marksOf(decided: Entry): readonly CellChange[];
  /** The entry that lists them for the owner, made from their ids. */
  listing?(actions: readonly string[]): EntryFields;
  /** Ids of actions that are taken up again (tasks), and so are not closed here. */
  readonly goingOn?: ReadonlySet<string>;
}

/**
 * After a start: whoever wrote these allows is gone, so whether they were executed is not known. Each becomes
 * `unknown`, is never sent again (P7), and is listed for the owner: `listing` is recorded in the same go, so that a crash
 * in between leaves none of them unlisted.
 */
export async function closeUnfinished(
  store: Store,
  recorder: Recorder,
  { marksOf, listing, goingOn }: Closing,
): Promise<Unfinished[]> {
  const unfinished: Unfinished[] = [];
  const ends: Draft[] = [];
  for (const action of [...recorder.open].sort()) {
    if (goingOn?.has(action) === true) continue;
    const decided = await decidedEntry(store, action);
    const { agent = '', operation = '', at = '' } = decided ?? {};
    unfinished.push({ action, agent, operation, at });
    const end = endOf(action, decided, 'unknown', 'INTERRUPTED');
    ends.push(decided === undefined ? end : { ...end, cells: marksOf(decided) });
  }
  if (listing !== undefined) ends.push({ fields: listing(unfinished.map(({ action }) => action)) });
  await Promise.all(ends.map((end) => recorder.record(end)));
  return unfinished;
}

/**
 * Entries that a failed commit had kept after all: those allows were answered as denied and never ran. The recorder
 * owes the log their ends, and writes them before anything else.
 */
export function abortUnsent(recorder: Recorder, found: readonly Entry[]): void {
  for (const entry of found) {
    if (entry.kind !== 'action.decided' || entry.decision !== 'allow' || entry.action === undefined) continue;
    recorder.owe(endOf(entry.action, entry, 'aborted', 'STORE_UNAVAILABLE'));
  }
}

/** Questions that a failed commit had kept after all: the agent was told of none, so nobody needs to answer them. */
export function withdrawUnasked(recorder: Recorder, found: readonly Entry[]): void {
  for (const { kind, approval, action, agent, owner, digest } of found) {
    if (kind !== 'approval.asked' || typeof approval !== 'string') continue;
    recorder.owe({
      fields: {
        kind: 'approval.cancelled',
        approval,
        reason: 'unrecorded',
        ...(action === undefined ? {} : { action }),
        ...(agent === undefined ? {} : { agent }),
        ...(owner === undefined ? {} : { owner }),
        ...(digest === undefined ? {} : { digest }),
      },
      cells: [{ kind: 'approval', key: approval, value: null }],
    });
  }
}

function endOf(
  action: string,
  decided: Entry | undefined,
  outcome: 'unknown' | 'aborted',
  code: ErrorCode,
): Draft {
  const { agent, owner, session, door, operation } = decided ?? {};
  return {
    fields: {
      kind: 'action.outcome',
      action,
      ...(agent === undefined ? {} : { agent }),
      ...(owner === undefined ? {} : { owner }),
      ...(session === undefined ? {} : { session }),
      ...(door === undefined ? {} : { door }),
      ...(operation === undefined ? {} : { operation }),
      outcome,
      code,
    },
    closes: action,
  };
}

/** The last decision about an action: one that a person was asked about is decided again once she has answered. */
async function decidedEntry(store: Store, action: string): Promise<Entry | undefined> {
  let last: Entry | undefined;
  for await (const page of store.find({ action, kinds: ['action.decided'] })) {
    for (const row of page) last = entryIn(row.text);
  }
  return last;
}
