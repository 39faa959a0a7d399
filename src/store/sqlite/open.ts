import type { Store } from '../store.ts';
import { JournalReader } from './journal/reader.ts';
import { openJournaled } from './journal/store.ts';
import { openTables, type SqliteOptions } from './tables.ts';

/**
 * The SQLite keeper of the store contract, as one instance has it to itself: whoever opens it for writing holds the
 * instance's lock. Any number may read beside it. Rejects with StoreUnusable for files that are not ours, too new or
 * damaged; with the system's error where the path cannot be used.
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Store> {
  return options.readOnly ? new JournalReader(path, openTables(path, options)) : openJournaled(path);
}
