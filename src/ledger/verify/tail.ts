import { err, ok, type Result } from '../../base/result.ts';
import type { LogRow } from '../bundle.ts';
import { createTree, type Tree } from '../tree.ts';
import { LogCheck } from './log-check.ts';
import type { Report } from './report.ts';
import { checkCheckpointRow, checkRow, checkSigned, type StoredOptions } from './stored.ts';

/** What a start goes on from. */
export interface VerifiedTail {
  /** Of everything in the log. */
  readonly tree: Tree;
  readonly report: Report;
}

export type TailOptions = Pick<StoredOptions, 'checkpoint' | 'key' | 'origin' | 'alwaysSigned'> & {
  /** How many entries the log holds. */
  readonly size: number;
};

/**
 * The quick verification at start: the signed checkpoint, the subtree roots stored with it, and everything after it.
 * `pages` are the entries from the checkpoint's size (0 without one) to `size`. What the checkpoint covers is believed
 * here as far as its subtree roots go; `verifyStored` reads it whole, afterwards and in the background.
 */
export async function verifyTail(
  pages: AsyncIterable<readonly LogRow[]>,
  options: TailOptions,
): Promise<Result<VerifiedTail, Report>> {
  const { checkpoint, key, origin, size } = options;
  const check = new LogCheck(false);
  if (checkpoint !== null) {
    if (!check.useCheckpoint(checkpoint.note, key, true)) return err(check.report());
    checkCheckpointRow(check, checkpoint, origin);
    if (check.faults.count > 0 || !check.skipToCheckpoint(checkpoint.frontier)) return err(check.report());
  }
  const tree = createTree(check.size, checkpoint?.frontier);
  for await (const page of pages) {
    for (const row of page) {
      checkRow(check, row);
      // A leaf that does not fit its text is a fault already, and may not even be a hash.
      if (check.faults.count === 0) tree.append(row.leaf);
    }
  }
  if (check.size !== size)
    check.faults.add('truncated', Math.min(check.size, size), whereItEnds(check.size, size));
  checkSigned(check, options);
  const report = check.finish(true);
  if (!report.holds) return err(report);
  if (tree.root().toString('latin1') !== check.root()) throw new Error('two ways to the same root disagree');
  return ok({ tree, report });
}

/** Either the checkpoint covers more entries than the log has, or fewer entries could be read than the log says it has. */
const whereItEnds = (checked: number, size: number) =>
  checked > size
    ? `the log ends after ${size} entries, and the checkpoint covers ${checked}`
    : `the log ends after ${checked} entries where ${size} were expected`;
