import type { EntryFields } from '../../../contract/log-entry.ts';
import type { LogRow } from '../../bundle.ts';
import { leafHash } from '../../entry.ts';
import type { FaultCode } from '../report.ts';
import { makeEntry, rowOf } from './sample-log.ts';

/** What somebody does to a log of which the checkpoint was kept, and what must be said of it. */
interface Tampering {
  readonly name: string;
  change(rows: LogRow[]): LogRow[];
  readonly code: FaultCode;
  readonly from: number;
}

/** Rewrites an entry together with its leaf, as somebody who knows the format would. */
export const rewritten = (row: LogRow, fields: Partial<EntryFields>): LogRow =>
  rowOf(makeEntry(row.seq, fields));

export const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'an entry changed, its leaf kept',
    change: (rows) =>
      rows.map((r) => (r.seq === 20 ? { ...r, text: r.text.replace('número', 'numero') } : r)),
    code: 'changed',
    from: 20,
  },
  {
    name: 'a leaf changed, its entry kept',
    change: (rows) => rows.map((r) => (r.seq === 20 ? { ...r, leaf: leafHash('x') } : r)),
    code: 'changed',
    from: 20,
  },
  {
    name: 'an entry changed with its leaf',
    change: (rows) => rows.map((r) => (r.seq === 20 ? rewritten(r, { note: 'nothing happened' }) : r)),
    code: 'root-mismatch',
    from: 0,
  },
  { name: 'an entry removed', change: (rows) => rows.toSpliced(20, 1), code: 'missing', from: 20 },
  {
    name: 'an entry removed and the rest renumbered',
    change: (rows) =>
      rows.toSpliced(20, 1).map((_, i) => rowOf(makeEntry(i, { note: i < 20 ? `número ${i} 😀` : 'x' }))),
    code: 'truncated',
    from: 39,
  },
  {
    name: 'an entry repeated',
    change: (rows) => rows.toSpliced(20, 0, ...rows.slice(19, 20)),
    code: 'duplicated',
    from: 19,
  },
  {
    name: 'two entries exchanged',
    change: (rows) =>
      rows.with(20, rows[21] ?? rowOf(makeEntry(0))).with(21, rows[20] ?? rowOf(makeEntry(0))),
    code: 'reordered',
    from: 20,
  },
  {
    name: 'an entry put in',
    change: (rows) => rows.toSpliced(20, 0, rowOf(makeEntry(20, { note: 'forged' }))),
    code: 'duplicated',
    from: 20,
  },
  { name: 'the end cut off', change: (rows) => rows.slice(0, 30), code: 'truncated', from: 30 },
  { name: 'everything cut off', change: () => [], code: 'truncated', from: 0 },
  { name: 'the beginning cut off', change: (rows) => rows.slice(3), code: 'missing', from: 0 },
  {
    name: 'a space put into the text, with the leaf that fits',
    change: (rows) => rows.map((r) => (r.seq === 20 ? { ...r, ...spaced(r.text) } : r)),
    code: 'not-canonical',
    from: 20,
  },
  {
    name: 'an entry that is no JSON',
    change: (rows) => rows.map((r) => (r.seq === 20 ? { ...r, text: '{', leaf: leafHash('{') } : r)),
    code: 'not-canonical',
    from: 20,
  },
];

export const isPrintable = (row: LogRow) => row.text.startsWith('{"') && !row.text.includes('", "');

export function spaced(text: string): Pick<LogRow, 'text' | 'leaf'> {
  const changed = text.replace(',', ', ');
  return { text: changed, leaf: leafHash(changed) };
}
