import { stated } from '../../base/stated.ts';
import type { Entry, EntryFields } from '../../contract/log-entry.ts';
import { encodeEntry, leafHash } from '../../ledger/entry.ts';
import type { Body, CellChange, NewEntry } from '../../store/store.ts';

/** What is to be recorded: one entry, and what changes together with it or not at all. */
export interface Draft {
  readonly fields: EntryFields;
  readonly bodies?: readonly Body[];
  readonly cells?: readonly CellChange[];
  /** The action that may run once this entry is durable. */
  readonly opens?: string;
  /** The action whose end this entry is. */
  readonly closes?: string;
}

/** An entry that is durable. */
export interface Recorded {
  readonly entry: Entry;
  /** Length of the entry and its bodies, for the agent's daily limit. */
  readonly bytes: number;
}

/** The store's row of an entry whose `seq` and `at` are set. */
export function rowOf(entry: Entry, atMs: number): NewEntry {
  const text = encodeEntry(entry);
  const { kind, action, agent, session } = entry;
  return stated({ text, leaf: leafHash(text), kind, atMs, action, agent, session });
}

export function bytesOf(row: NewEntry, bodies: readonly Body[] | undefined): number {
  let bytes = row.text.length;
  if (bodies !== undefined) for (const body of bodies) bytes += body.text.length;
  return bytes;
}
