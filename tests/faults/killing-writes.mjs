// Preloaded (--import) into a process and its sorting thread: makes the segments of the journal small, and kills the process
// at one moment around their turn. KILL_AT: turn-before and turn-after (the head of the segment that is begun), sort-before
// and sort-after (a commit of the tables), wipe-before, wipe-half and wipe-after; KILL_NTH: the how manieth of them.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';
import { LIMITS } from '../../src/base/limits.ts';

Object.assign(LIMITS, {
  journalSegmentBytes: 6144,
  journalAheadBytes: 1024,
  sortBytes: 2048,
  sortAfterMs: 5,
});

let left = Number(process.env.KILL_NTH ?? '1');
function at(moment) {
  if (moment === process.env.KILL_AT && --left === 0) process.kill(process.pid, 'SIGKILL');
}

const MAGIC = 'lanyard journal1';
const { writeSync } = fs;
fs.writeSync = (file, bytes, ...where) => {
  const what = kindOf(bytes);
  if (what === null) return writeSync(file, bytes, ...where);
  at(`${what}-before`);
  if (what === 'wipe') {
    const [from, length, position] = where;
    writeSync(file, bytes, from, length >> 1, position);
    at('wipe-half');
  }
  const written = writeSync(file, bytes, ...where);
  at(`${what}-after`);
  return written;
};
syncBuiltinESMExports();

/** The thread that sorts writes nothing to a segment but zeros, the other one no head but at a turn. */
function kindOf(bytes) {
  if (!Buffer.isBuffer(bytes)) return null;
  if (!isMainThread) return 'wipe';
  return bytes.subarray(0, MAGIC.length).toString('latin1') === MAGIC ? 'turn' : null;
}

const { run } = StatementSync.prototype;
StatementSync.prototype.run = function (...values) {
  if (isMainThread || this.sourceSQL !== 'COMMIT') return run.apply(this, values);
  at('sort-before');
  const done = run.apply(this, values);
  at('sort-after');
  return done;
};
