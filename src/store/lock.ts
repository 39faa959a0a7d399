import { DatabaseSync } from 'node:sqlite';
import { ensurePrivateFile } from './private-file.ts';

/** Held until released or the process is gone, however it went. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock that belongs to one instance's state; null when another process (or this one) holds it. An exclusive
 * SQLite transaction on a file of its own: the system drops it with the process, kill -9 included, so that there is no
 * stale lock to clean up. The same process must not open the file otherwise: closing it would drop the lock (POSIX).
 * Throws the system's error where the file cannot be made.
 */
export function acquireLock(path: string): Lock | null {
  ensurePrivateFile(path);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    // Never a write-ahead log: there, readers get past an exclusive transaction.
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (fault) {
    db.close();
    if (isBusy(fault)) return null;
    throw fault;
  }
  return {
    release: () => {
      if (db.isOpen) db.close();
    },
  };
}

const SQLITE_BUSY = 5;

function isBusy(fault: unknown): boolean {
  return fault instanceof Error && 'errcode' in fault && fault.errcode === SQLITE_BUSY;
}
