import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { AppendBatch } from '../../store.ts';
import { EPOCH_BYTES, readFrame } from './frame.ts';

/**
 * A segment is a file: a head (magic, epoch, order), then frames, then zeros. The two segments of a journal take turns;
 * `order` says which was begun later. The epoch is random and new each time a segment is begun again, so that nothing
 * that lies in the file from before, or that a caller put into a body, can pass for a frame.
 */
const MAGIC = Buffer.from('lanyard journal1', 'latin1');
export const HEAD_BYTES = MAGIC.length + EPOCH_BYTES + 8;

/** How far the tables have got: everything of earlier segments, and this one up to `position`. */
export interface JournalMark {
  readonly order: number;
  readonly position: number;
}

export interface SegmentHead {
  readonly order: number;
  readonly epoch: Buffer;
}

export function segmentPaths(log: string): readonly [string, string] {
  return [`${log}.journal-0`, `${log}.journal-1`];
}

export function newHead(order: number): SegmentHead & { readonly bytes: Buffer } {
  const epoch = randomBytes(EPOCH_BYTES);
  const number = Buffer.alloc(8);
  number.writeDoubleLE(order);
  return { order, epoch, bytes: Buffer.concat([MAGIC, epoch, number]) };
}

/** null where no segment was ever begun in these bytes. */
function readHead(bytes: Buffer): SegmentHead | null {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const epoch = Buffer.from(bytes.subarray(MAGIC.length, MAGIC.length + EPOCH_BYTES));
  return { epoch, order: bytes.readDoubleLE(MAGIC.length + EPOCH_BYTES) };
}

/** A frame that was acknowledged and does not hold any more. */
export class DamagedJournal extends Error {
  override readonly name = 'DamagedJournal';
}

/** Batches of one segment between two places, in order, each with the place where it ends. */
export function* framesOf(
  bytes: Buffer,
  { epoch }: SegmentHead,
  from: number,
  path: string,
): Generator<{ readonly batch: AppendBatch; readonly end: number }> {
  for (let at = from; ; ) {
    const found = readFrame(bytes, at, epoch);
    if (found.kind === 'damaged') throw new DamagedJournal(`${path} does not hold at byte ${at}`);
    if (found.kind !== 'batch') return;
    yield found;
    at = found.end;
  }
}

/** Both segments as they were at one moment, older first. */
type Segments = readonly {
  readonly path: string;
  readonly bytes: Buffer;
  readonly head: SegmentHead;
}[];

export function readSegments(log: string): Segments {
  const segments = segmentPaths(log).flatMap((path) => {
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const head = readHead(bytes);
    return head === null ? [] : [{ path, bytes, head }];
  });
  return segments.sort((a, b) => a.head.order - b.head.order);
}

/** The batches beyond `mark`, in order, and how far they go. Throws DamagedJournal. */
export function unsortedOf(
  segments: Segments,
  mark: JournalMark,
): { readonly batches: readonly AppendBatch[]; readonly mark: JournalMark } {
  const batches: AppendBatch[] = [];
  let reached = mark;
  for (const { path, bytes, head } of segments) {
    if (head.order < mark.order) continue;
    let position = head.order === mark.order ? mark.position : HEAD_BYTES;
    for (const frame of framesOf(bytes, head, position, path)) {
      batches.push(frame.batch);
      position = frame.end;
    }
    reached = { order: head.order, position };
  }
  return { batches, mark: reached };
}
