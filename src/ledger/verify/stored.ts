import type { LogRow } from '../bundle.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { VerifierKey } from '../note.ts';
import { LogCheck } from './log-check.ts';
import { readCanonical } from './read-entry.ts';
import type { Report } from './report.ts';
import { hashLeaf, isSameHash } from './root.ts';

/** The newest checkpoint as a store keeps it. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
  readonly frontier: Uint8Array;
}

export interface StoredOptions {
  readonly checkpoint: StoredCheckpoint | null;
  readonly key: VerifierKey;
  /** What the checkpoint must say it is of. */
  readonly origin: string;
  /**
   * The writer signs a checkpoint in its very first commit: then a log with entries and without any checkpoint was
   * robbed of it, whoever did that might have rewritten them all, and it does not hold.
   */
  readonly alwaysSigned?: boolean;
  /** Also reads what the entries mean. */
  readonly deep?: boolean;
  /** Checkpoints of this log that were kept elsewhere. */
  readonly against?: readonly Checkpoint[];
  /** Called after every `sliceEntries` entries and awaited: what else there is to do gets its turn. */
  readonly pause?: () => Promise<void>;
  readonly sliceEntries?: number;
}

/**
 * Verifies a whole stored log: `pages` are all its entries from 0. Of a log that grows meanwhile, read the checkpoint
 * first and the size after it. Memory does not grow with the log.
 */
export async function verifyStored(
  pages: AsyncIterable<readonly LogRow[]>,
  options: StoredOptions,
): Promise<Report> {
  const check = new LogCheck(options.deep ?? false);
  if (options.against !== undefined) check.holdAgainst(options.against);
  beginWith(check, options);
  const slice = options.sliceEntries ?? 512;
  let sinceBreath = 0;
  for await (const page of pages) {
    for (const row of page) {
      checkRow(check, row);
      if (++sinceBreath < slice || options.pause === undefined) continue;
      sinceBreath = 0;
      await options.pause();
    }
  }
  checkSigned(check, options);
  return check.finish(true);
}

export function checkSigned(
  check: LogCheck,
  options: Pick<StoredOptions, 'checkpoint' | 'alwaysSigned'>,
): void {
  if (options.checkpoint !== null || options.alwaysSigned !== true || check.size === 0) return;
  check.faults.add('not-covered', 0, `the log holds ${check.size} entries and no checkpoint at all`);
}

function beginWith(check: LogCheck, { checkpoint, key, origin }: StoredOptions): void {
  if (checkpoint === null) return;
  if (!check.useCheckpoint(checkpoint.note, key, true)) return;
  check.useFrontier(checkpoint.frontier);
  checkCheckpointRow(check, checkpoint, origin);
}

/** What stands beside the signed note must be what the note says. */
export function checkCheckpointRow(check: LogCheck, row: StoredCheckpoint, origin: string): void {
  const signed = check.checkpoint;
  if (signed === null) return;
  if (signed.size !== row.size) {
    check.faults.add('bad-checkpoint', null, `the checkpoint covers ${signed.size} entries, not ${row.size}`);
  }
  if (signed.origin !== origin) {
    check.faults.add('bad-checkpoint', null, `the checkpoint is of "${signed.origin}", not of "${origin}"`);
  }
}

/** One entry as stored: the place it stands at, its text and its leaf must agree. */
export function checkRow(check: LogCheck, row: LogRow): void {
  const place = check.size;
  const leaf = hashLeaf(row.text);
  if (!isSameHash(row.leaf, leaf)) {
    check.faults.add('changed', place, `the text of entry ${place} is not the one its leaf was made of`);
  }
  const read = readCanonical(row.text, check.wantsMembers(row.text));
  if (read === null) {
    check.faults.add('not-canonical', place, `the text of entry ${place} is not in canonical form`);
    check.seeUnreadable(leaf);
    return;
  }
  if (read.seq !== row.seq) {
    const claimed = read.seq === null ? 'nothing' : String(read.seq);
    check.faults.add('changed', place, `entry ${place} is stored as ${row.seq} and calls itself ${claimed}`);
  }
  check.see(read.seq, leaf, read.members);
}
