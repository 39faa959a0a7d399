import type { Entry, EntryFields } from '../../../contract/log-entry.ts';
import { bundleHeader, bundleLines, type LogRow } from '../../bundle.ts';
import { signCheckpoint } from '../../checkpoint.ts';
import { encodeEntry, leafHash } from '../../entry.ts';
import { parseVerifierKey, type VerifierKey } from '../../note.ts';
import { createSigner, type Signer } from '../../signer.ts';
import { createTree } from '../../tree.ts';
import type { Report } from '../report.ts';
import type { StoredCheckpoint } from '../stored.ts';

/** Small logs for the tests of the verifier, signed by a key of their own. */

export const ORIGIN = 'lanyard.example/main';
export const signer = createSigner(ORIGIN);
export const key = keyOf(signer);

export function keyOf(of: Signer): VerifierKey {
  const parsed = parseVerifierKey(of.verifierKey);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

export function makeEntry(seq: number, fields: Partial<EntryFields> = {}): Entry {
  return { seq, at: '2026-11-20T20:18:19.693Z', kind: 'instance.gap', note: `número ${seq} 😀`, ...fields };
}

export function rowOf(entry: Entry): LogRow {
  const text = encodeEntry(entry);
  return { seq: entry.seq, text, leaf: leafHash(text) };
}

export function makeLog(count: number): LogRow[] {
  return Array.from({ length: count }, (_, seq) => rowOf(makeEntry(seq)));
}

export function checkpointOf(
  rows: readonly LogRow[],
  by: Signer = signer,
  origin = ORIGIN,
): StoredCheckpoint {
  const tree = createTree();
  for (const row of rows) tree.append(row.leaf);
  return {
    size: rows.length,
    note: signCheckpoint(by, origin, rows.length, tree.root()),
    frontier: tree.frontier(),
  };
}

export async function* pagesOf(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  for (let at = 0; at < rows.length; at += 7) yield rows.slice(at, at + 7);
}

export async function* chunksOf(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const bundleOf = (rows: readonly LogRow[], checkpoint = checkpointOf(rows)) =>
  Buffer.from(bundleHeader(ORIGIN, signer.verifierKey, checkpoint.note) + bundleLines(rows));

export const codes = (report: Report) => [...new Set(report.faults.map((fault) => fault.code))];
