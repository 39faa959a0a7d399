import { digestOf } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { readKept } from '../../pipeline/approval/approval-kept.ts';
import type { Approvals } from '../../pipeline/approval/approvals.ts';
import type { Recorder } from '../../pipeline/record.ts';
import type { Cell, Store } from '../../store/store.ts';

/** What the log says of a question that stands, as far as its cell goes. */
interface Standing {
  /** Digest of the cell; null in entries of before they had one. */
  verifier: string | null;
  /** Epoch milliseconds until which a no stands; null where nobody has said no. */
  deniedUntilMs: number | null;
}

interface ApprovalDifferences {
  readonly lines: readonly string[];
  /** Ids of the questions that cannot be trusted. */
  readonly ids: readonly string[];
}

const KINDS = ['asked', 'answered', 'edited', 'spent', 'cancelled'].map((what) => `approval.${what}`);

/**
 * Where what is kept of questions is not what the log says of them, a line each. Every cell is held against its own entries;
 * one that is missing is missed within LIMITS.budgetLookBack entries.
 */
export async function approvalDifferences(store: Store, nowMs: number): Promise<ApprovalDifferences> {
  // First, so that what is asked or ends meanwhile is told apart from what a hand did.
  const size = await store.size();
  const cells = await store.cells('approval');
  const froms = cells.flatMap(({ value }) => readKept(value)?.asked.from ?? []);
  const from = Math.min(Math.max(0, size - LIMITS.budgetLookBack), ...froms);
  const standing = new Map<string, Standing>();
  const ended = new Set<string>();
  const late = new Set<string>();
  // A no whose time was over by a later entry had its cell removed, wherever the clock stepped since.
  let latestMs = nowMs;
  for await (const page of store.find({ kinds: KINDS, from: Math.max(0, from) }))
    for (const { seq, text } of page) {
      const entry = entryIn(text);
      latestMs = Math.max(latestMs, Date.parse(entry.at));
      if (entry.kind === 'approval.asked' && seq >= size) late.add(String(entry['approval']));
      follow(standing, ended, entry);
    }
  const found: (readonly [string, string])[] = [];
  for (const cell of cells) {
    const why = ended.has(cell.key) ? null : whyDiffers(cell, standing.get(cell.key));
    if (why !== null) found.push([cell.key, `approval ${cell.key} is kept${why}`]);
  }
  const kept = new Set(cells.map(({ key }) => key));
  for (const [id, { deniedUntilMs }] of standing) {
    const isOver = deniedUntilMs !== null && deniedUntilMs <= latestMs;
    if (!kept.has(id) && !late.has(id) && !isOver)
      found.push([id, `approval ${id} is missing, and the log says it stands`]);
  }
  return { lines: found.map(([, line]) => line), ids: found.map(([id]) => id) };
}

function follow(standing: Map<string, Standing>, ended: Set<string>, entry: Entry): void {
  const id = String(entry['approval']);
  const known = standing.get(id);
  const { verifier } = entry;
  switch (entry.kind) {
    case 'approval.asked':
      standing.set(id, { verifier: typeof verifier === 'string' ? verifier : null, deniedUntilMs: null });
      return;
    case 'approval.edited':
      if (known !== undefined) known.verifier = typeof verifier === 'string' ? verifier : null;
      return;
    case 'approval.answered':
      if (known !== undefined && entry['answer'] === 'deny')
        known.deniedUntilMs = Date.parse(String(entry['expires']));
      return;
    default:
      standing.delete(id);
      ended.add(id);
  }
}

function whyDiffers({ value }: Cell, standing: Standing | undefined): string | null {
  if (standing === undefined) return ', and the log knows nothing of it';
  if (standing.verifier === null) return null;
  return digestOf(value) === standing.verifier ? null : ' otherwise than the log says';
}

/** A question that cannot be trusted is no more: the agent asks again. */
export function endQuestions(approvals: Approvals, recorder: Recorder, ids: readonly string[]): void {
  for (const id of ids) {
    const kept = approvals.find(id);
    const known = kept === undefined ? null : approvals.cancelling(kept, 'state-differs');
    if (kept !== undefined && known === null) approvals.forget(kept);
    recorder.owe(
      known ?? {
        fields: { kind: 'approval.cancelled', approval: id, reason: 'state-differs' },
        cells: [{ kind: 'approval', key: id, value: null }],
      },
    );
  }
}
