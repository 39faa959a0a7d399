import { readJson } from '../src/base/json-reader.ts';
import { parseJson, REQUEST_BOUNDS } from '../src/base/json-text.ts';

/**
 * The strict reader against JSON.parse, which checks nothing, on the same bytes: medians of paired runs. `escaped`
 * is what goes the slow way from end to end (an exponent in it), so it shows the price of the strict reader alone.
 */
interface ReaderRow {
  readonly input: string;
  readonly bytes: number;
  /** Microseconds a message. */
  readonly nativeUs: number;
  readonly strictUs: number;
  readonly ratio: number;
}

const ROUNDS = 15;

export function run(): readonly string[] {
  return rows().map(print);
}

export function rows(): readonly ReaderRow[] {
  return [
    measure('a call', callOf(200), 4000),
    measure('a call of 10 kB', callOf(9800), 800),
    measure('many records, 2.8 MB', records(18_000), 2),
    measure('a call, strict reader', callOf(200).replace('"_meta"', '"x":[1e2],"_meta"'), 4000),
    measure('many records, strict reader', records(18_000).replace('[', '[1e2,'), 2),
  ];
}

function measure(input: string, text: string, times: number): ReaderRow {
  const bytes = Buffer.from(text, 'utf8');
  const read = parseJson(bytes);
  const strict = readJson(text, REQUEST_BOUNDS);
  if (!read.ok || !strict.ok) throw new Error(`${input} was refused`);
  const native: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    native.push(time(times, () => JSON.parse(bytes.toString('utf8'))));
    ours.push(time(times, () => parseJson(bytes)));
  }
  const nativeUs = median(native);
  const strictUs = median(ours);
  return { input, bytes: bytes.length, nativeUs, strictUs, ratio: strictUs / nativeUs };
}

function time(times: number, work: () => unknown): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) work();
  return ((performance.now() - start) * 1000) / times;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** A real tools/call of 2025-11-25 with so many characters of content. */
function callOf(length: number): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 17,
    method: 'tools/call',
    params: {
      name: 'write_file',
      arguments: {
        path: '/srv/work/notes/today.md',
        content: 'A line of text, ünd more.\n'.repeat(length / 26),
        dryRun: false,
        edits: [{ line: 3, text: 'x' }],
      },
      _meta: { progressToken: 17, 'dev.lanyard/reason': 'because it was asked for' },
    },
  });
}

function records(count: number): string {
  const rows = [];
  for (let i = 0; i < count; i++) {
    rows.push({
      id: i,
      name: `record number ${i}`,
      tags: ['a', 'b'],
      amount: i * 7,
      open: i % 2 === 0,
      note: 'sömething short',
      parent: null,
      at: '2026-11-21T03:00:00Z',
    });
  }
  return JSON.stringify(rows);
}

function print(row: ReaderRow): string {
  const size = `${row.input.padEnd(30)} ${String(row.bytes).padStart(8)} B`;
  const times = `JSON.parse ${row.nativeUs.toFixed(2)} µs, strict ${row.strictUs.toFixed(2)} µs`;
  return `${size}  ${times}, ${row.ratio.toFixed(2)} times`;
}
