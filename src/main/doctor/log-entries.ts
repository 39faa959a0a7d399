import { join } from 'node:path';
import { openSqlite } from '../../store/sqlite/index.ts';
import { stateDirectory } from '../state-directory.ts';
import type { Sibling } from './sibling.ts';

/** The texts of all entries in a sibling's log, read beside it. */
export async function logEntriesOf({ directory }: Sibling): Promise<string[]> {
  const store = await openSqlite(stateDirectory(join(directory, 'state')).log, { readOnly: true });
  try {
    const texts: string[] = [];
    for await (const page of store.entries(0, await store.size()))
      texts.push(...page.map(({ text }) => text));
    return texts;
  } finally {
    await store.close();
  }
}
