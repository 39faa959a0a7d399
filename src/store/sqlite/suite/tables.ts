import { join } from 'node:path';
import type { Store } from '../../store.ts';
import { openTables } from '../tables.ts';

/** The tables alone, which several may have open. */
export async function open(dir: string): Promise<Store> {
  return openTables(join(dir, 'store.db'));
}
