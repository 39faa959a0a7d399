/** store/sqlite: the store contract kept in one SQLite file (node:sqlite, write-ahead log, synced at every commit). */
export { openSqlite, type SqliteOptions } from './open.ts';
