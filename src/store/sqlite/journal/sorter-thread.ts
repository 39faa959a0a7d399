import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { LIMITS } from '../../../base/limits.ts';
import type { AppendBatch } from '../../store.ts';
import { openTables, syncCommits } from '../tables.ts';
import { framesOf, HEAD_BYTES } from './segment.ts';
import type { SorterTask } from './sorter.ts';

/** The thread that brings what is in the journal into the tables and their indexes: their only writer. */
const port = parentPort;
if (port === null) throw new Error('this file is the entry of a thread');
const { log } = workerData as { readonly log: string };
const tables = openTables(log);

port.on('message', ({ id, task }: { readonly id: number; readonly task: SorterTask }) => {
  perform(task).then(
    (value) => {
      port.postMessage({ id, value });
      if (task.kind === 'close') port.close();
    },
    (fault: unknown) =>
      port.postMessage({ id, fault: fault instanceof Error ? fault.message : String(fault) }),
  );
});

async function perform(task: SorterTask): Promise<number> {
  if (task.kind === 'sort') return sort(task);
  if (task.kind === 'wipe') return wipe(task);
  if (task.kind === 'expire') return tables.expireBodies(task.nowMs);
  if (task.kind === 'settle') tables.settle();
  else await tables.close();
  return 0;
}

/** Whole batches, many in one commit. */
function sort({ path, epoch, order, from: asked, to }: Extract<SorterTask, { kind: 'sort' }>): number {
  // Asked again after a fault, it goes on where it got.
  const mark = tables.mark();
  const from = mark.order === order ? Math.max(asked, mark.position) : asked;
  if (mark.order > order || from >= to) return to;
  const bytes = readRange(path, from, to);
  let gathered: AppendBatch[] = [];
  let entries = 0;
  let position = from;
  const commit = () => tables.sortIn(gathered, { order, position });
  for (const { batch, end } of framesOf(bytes, { order, epoch: Buffer.from(epoch) }, 0, path)) {
    gathered.push(batch);
    entries += batch.entries.length;
    position = from + end;
    if (entries < LIMITS.sortedEntries) continue;
    commit();
    gathered = [];
    entries = 0;
  }
  if (position !== to) throw new Error(`${path} ends at byte ${position} where ${to} was acknowledged`);
  commit();
  return position;
}

function readRange(path: string, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  const file = openSync(path, 'r');
  try {
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, bytes.length - at, from + at);
      if (read === 0) throw new Error(`${path} ends at byte ${from + at} where ${to} was acknowledged`);
      at += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** What was in a segment goes, bodies that are to expire among it; the blocks stay, so that writing again is quick. */
function wipe({ path, to }: Extract<SorterTask, { kind: 'wipe' }>): number {
  syncCommits(log);
  const zeros = Buffer.alloc(Math.min(to, 1 << 20));
  const file = openSync(path, 'r+');
  try {
    for (let at = HEAD_BYTES; at < to; ) at += writeSync(file, zeros, 0, Math.min(zeros.length, to - at), at);
    return to;
  } finally {
    closeSync(file);
  }
}
