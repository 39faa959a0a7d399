import type { DatabaseSync } from 'node:sqlite';
import { StoreUnusable } from '../store.ts';

/** "Lany": marks a database file as ours (PRAGMA application_id). */
const APPLICATION_ID = 0x4c616e79;

/**
 * Each migration brings the schema from its index to the next version; forward only, never edited once released.
 * Measured choices: TEXT for entries (a BLOB reads slower through node:sqlite and costs JSON.parse a decode), one
 * index per question that find() answers, but none for the two kinds that nearly every entry has: each index is a page
 * more in every small commit, and what they would find is the log itself.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE entries (
     seq     INTEGER PRIMARY KEY,
     text    TEXT NOT NULL,
     leaf    BLOB NOT NULL,
     kind    TEXT NOT NULL,
     at      INTEGER NOT NULL,
     action  TEXT,
     agent   TEXT,
     session TEXT
   ) STRICT;
   CREATE INDEX entries_rare_kind ON entries (kind) WHERE kind NOT IN ('action.decided', 'action.outcome');
   CREATE INDEX entries_at ON entries (at);
   CREATE INDEX entries_action ON entries (action) WHERE action IS NOT NULL;
   CREATE INDEX entries_agent ON entries (agent) WHERE agent IS NOT NULL;
   CREATE INDEX entries_session ON entries (session) WHERE session IS NOT NULL;

   CREATE TABLE bodies (
     id      INTEGER PRIMARY KEY,
     action  TEXT NOT NULL,
     part    TEXT NOT NULL,
     salt    BLOB NOT NULL,
     text    TEXT NOT NULL,
     expires INTEGER NOT NULL,
     UNIQUE (action, part)
   ) STRICT;
   CREATE INDEX bodies_expires ON bodies (expires);

   CREATE TABLE cells (
     kind  TEXT NOT NULL,
     key   TEXT NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (kind, key)
   ) STRICT;

   CREATE TABLE checkpoint (
     only     INTEGER PRIMARY KEY CHECK (only = 1),
     size     INTEGER NOT NULL,
     note     TEXT NOT NULL,
     frontier BLOB NOT NULL,
     open     TEXT NOT NULL
   ) STRICT;`,
  `CREATE TABLE journal (
     only     INTEGER PRIMARY KEY CHECK (only = 1),
     segment  INTEGER NOT NULL,
     position INTEGER NOT NULL
   ) STRICT;`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Throws StoreUnusable when the file is another program's, or of a version that this program does not know. */
export function checkOwnership(db: DatabaseSync, path: string): number {
  const version = pragmaNumber(db, 'user_version');
  const application = pragmaNumber(db, 'application_id');
  const empty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (empty && application === 0 && version === 0) return 0;
  if (application !== APPLICATION_ID)
    throw new StoreUnusable(`${path} is a database, but not one of Lanyard's`);
  if (version > MIGRATIONS.length) {
    throw new StoreUnusable(
      `${path} was written by a newer version of Lanyard (schema ${version}; this one knows ${MIGRATIONS.length})`,
    );
  }
  return version;
}

/** Brings the schema up to date, all or nothing; a second process that waited for the first finds nothing left to do. */
export function migrate(db: DatabaseSync, path: string): void {
  if (checkOwnership(db, path) === MIGRATIONS.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const statements of MIGRATIONS.slice(checkOwnership(db, path))) db.exec(statements);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
    db.exec('COMMIT');
  } catch (fault) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw fault;
  }
}

function pragmaNumber(db: DatabaseSync, name: 'user_version' | 'application_id'): number {
  const value = db.prepare(`PRAGMA ${name}`).get()?.[name];
  if (typeof value !== 'number') throw new TypeError(`PRAGMA ${name} answered no number`);
  return value;
}
