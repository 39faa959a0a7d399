import { closeSync, constants, fdatasyncSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LIMITS } from '../../base/limits.ts';
import { syncDirectory } from '../../base/sync-directory.ts';
import { ensurePrivateFile } from '../private-file.ts';
import { StoreUnusable } from '../store.ts';
import { SqliteStore } from './keeper.ts';
import { checkOwnership, migrate, SCHEMA_VERSION } from './schema.ts';

export interface SqliteOptions {
  /** Opens what is there for reading, beside a running instance; appends reject. */
  readonly readOnly?: boolean;
}

/**
 * Opens the tables: one file, readable by its owner alone. Throws StoreUnusable for a file that is not ours, too new, or
 * no database; the system's error where the path cannot be used.
 */
export function openTables(path: string, options: SqliteOptions = {}): SqliteStore {
  const readOnly = options.readOnly ?? false;
  // Made before SQLite does it, so that its mode (and that of the write-ahead log, which follows it) is never wider;
  // a new name lasts only when its directory is synced as well.
  if (!readOnly && ensurePrivateFile(path)) syncDirectory(dirname(resolve(path)));
  const db = new DatabaseSync(path, {
    readOnly,
    timeout: LIMITS.storeBusyMs,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
  });
  try {
    configure(db, path, readOnly);
    return new SqliteStore(db);
  } catch (fault) {
    db.close();
    if (fault instanceof Error && /not a database|malformed/.test(fault.message)) {
      throw new StoreUnusable(`${path} is not a database or is damaged (${fault.message})`);
    }
    throw fault;
  }
}

function configure(db: DatabaseSync, path: string, readOnly: boolean): void {
  // Looked at before anything is changed: a stranger's file stays as it is.
  const version = checkOwnership(db, path);
  db.exec('PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8192; PRAGMA mmap_size = 0');
  if (readOnly) {
    if (version === 0) throw new StoreUnusable(`${path} holds no log yet`);
    if (version < SCHEMA_VERSION)
      throw new StoreUnusable(
        `${path} was written by an older version of Lanyard; start it once to bring it up to date`,
      );
    return;
  }
  // NORMAL does not sync the write-ahead log at every commit: a loss of power may take the last commits, whole, and the
  // journal still has them, since none of it is wiped before `syncCommits`. fullfsync is macOS's word for a sync that
  // reaches the disk. secure_delete overwrites expired bodies. 4000 pages are 16 MB: each checkpoint syncs twice, and the
  // journal's own syncs wait behind that.
  db.exec(`PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA secure_delete = ON;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 16777216`);
  migrate(db, path);
}

/** What was committed to these tables survives a loss of power from here on. Throws what the system says. */
export function syncCommits(path: string): void {
  // SQLite syncs a checkpointed page itself, before the write-ahead log is begun anew. It holds no lock on that file,
  // so that opening and closing it beside a connection is safe, which it would not be with the database.
  const file = openSync(`${path}-wal`, constants.O_RDWR);
  try {
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}
