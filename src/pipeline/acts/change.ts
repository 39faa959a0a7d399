import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import type { Json } from '../../base/json.ts';
import type { EntryFields } from '../../contract/log-entry.ts';

/** Members of an entry that say where it stands, who acted and by what proof; the rest is the change. */
export const BESIDE_THE_CHANGE = ['seq', 'at', 'leaf', 'by', 'person', 'proof'] as const;

/**
 * The digest of a change: SHA-256 of the RFC 8785 text of its entry without BESIDE_THE_CHANGE. So whoever holds the log
 * can tell from an entry alone whether it is what was signed.
 */
export function changeOf(fields: EntryFields): string {
  const change: Record<string, Json | undefined> = { ...fields };
  for (const member of BESIDE_THE_CHANGE) delete change[member];
  return digestOf(canonicalize(change as { readonly [key: string]: Json }));
}
