/** store/sqlite: the store contract kept in SQLite (node:sqlite): a journal that is synced, tables that it is sorted into. */
export { openSqlite } from './open.ts';
export type { SqliteOptions } from './tables.ts';
