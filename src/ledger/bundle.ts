import { BUNDLE_FORMAT, type BundleHeader } from '../contract/log-entry.ts';
import { printEntry } from './entry.ts';

/** An entry with its place and leaf, as a store gives it. */
export interface LogRow {
  readonly seq: number;
  readonly text: string;
  readonly leaf: Uint8Array;
}

/**
 * The first line of a bundle, newline included. `key` is the verifier-key line; `checkpoint` the signed note, which
 * covers exactly the entries that follow.
 */
export function bundleHeader(origin: string, key: string, checkpoint: string): string {
  const header: BundleHeader = { format: BUNDLE_FORMAT, origin, key, checkpoint };
  return `${JSON.stringify(header)}\n`;
}

/** The lines of a page of entries, each with its newline. Hand in the entries below the checkpoint's size, in order. */
export function bundleLines(page: readonly LogRow[]): string {
  let lines = '';
  for (const row of page) lines += `${printEntry(row.text, row.leaf)}\n`;
  return lines;
}
