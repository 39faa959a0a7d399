import { join } from 'node:path';
import type { Store } from '../../store.ts';
import { openSqlite } from '../open.ts';

/** The SQLite keeper as the conformance suite opens it, in its own process and in the child that it kills. */
export function open(dir: string): Promise<Store> {
  return openSqlite(join(dir, 'store.db'));
}
