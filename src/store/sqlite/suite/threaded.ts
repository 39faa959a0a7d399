import { join } from 'node:path';
import type { Store } from '../../store.ts';
import { openSqliteInWorker } from '../threaded.ts';

/** The SQLite keeper with its writing thread, as the conformance suite opens it. */
export function open(dir: string): Promise<Store> {
  return openSqliteInWorker(join(dir, 'store.db'));
}
