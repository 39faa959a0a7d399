import { existsSync } from 'node:fs';
import type { Signer } from '../../ledger/index.ts';
import { openSqlite } from '../../store/sqlite/index.ts';
import type { Store } from '../../store/store.ts';
import { StartFailure } from '../start-failure.ts';
import { openSignerOf } from '../state-directory.ts';
import { stateOf } from './state-of.ts';

/** The log of an instance, running or not, for reading. Throws StartFailure where there is none yet, or no key. */
export async function openLogFiles(
  config: string,
): Promise<{ store: Store; signerOf(): Signer; close(): Promise<void> }> {
  const state = stateOf(config);
  if (!existsSync(state.log))
    throw new StartFailure([`There is no log in ${state.path} yet; start an instance first.`]);
  const store = await openSqlite(state.log, { readOnly: true });
  return { store, signerOf: () => openSignerOf(state), close: () => store.close() };
}
