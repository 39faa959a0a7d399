import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { House } from '../house.ts';

/**
 * Reads what the log has of these kinds, in order, and then hears of what comes, with nothing missed or told twice between
 * the two. `see` gets each entry once; `isNew`: it came since, so what it calls for is not read about further on.
 */
export async function readThenFollow(
  { store, checkpoints }: Pick<House, 'store' | 'checkpoints'>,
  kinds: readonly string[],
  see: (entry: Entry, isNew: boolean) => void,
  read: () => void,
): Promise<void> {
  const wanted: ReadonlySet<string> = new Set(kinds);
  let early: Entry[] | null = [];
  // Before the first look: what is committed while it is read must be heard.
  checkpoints.listenToEntries((entries) => {
    for (const { kind, text } of entries) {
      if (!wanted.has(kind)) continue;
      const entry = entryIn(text);
      if (early === null) see(entry, true);
      else early.push(entry);
    }
  });
  let last = -1;
  for await (const page of store.find({ kinds }))
    for (const { text } of page) {
      const entry = entryIn(text);
      last = entry.seq;
      see(entry, false);
    }
  for (const entry of early) if (entry.seq > last) see(entry, false);
  early = null;
  read();
}
