import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, toInstant } from '../src/base/clock.ts';
import type { ActionQuery } from '../src/control/reads.ts';
import { leafHash } from '../src/ledger/entry.ts';
import { searchActions } from '../src/main/console/search.ts';
import { openSqlite } from '../src/store/sqlite/index.ts';
import type { NewEntry, Store } from '../src/store/store.ts';

const ACTIONS = 1_000_000;
const BATCH = 4000;
const ROUNDS = 15;

/** What Actions asks the instance over a million actions: one answer, and how far back it looked; medians. */
export async function run(): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-bench-'));
  const store = await openSqlite(join(directory, 'log.sqlite'));
  try {
    await fill(store);
    const rows = [
      '| asked | one answer, median ms | slowest ms | rows | looked back over entries |',
      '|---|---|---|---|---|',
    ];
    for (const [name, query] of QUERIES) rows.push(await measure(store, name, query));
    return rows;
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const QUERIES: readonly (readonly [string, ActionQuery])[] = [
  ['the newest', {}],
  ['in the middle', { before: ACTIONS }],
  ['one of 100 agents', { agent: 'agent-42' }],
  ['denied (1 in 50)', { fate: 'deny' }],
  ['end unknown (1 in 5,000)', { fate: 'unknown' }],
  ['letters that some hold (1 in 1,000)', { text: 'report-777' }],
  ['letters that nothing holds', { text: 'nothing holds this' }],
];

async function measure(store: Store, name: string, query: ActionQuery): Promise<string> {
  const times: number[] = [];
  let rows = 0;
  let looked = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now();
    const page = await searchActions(store, systemClock, query);
    times.push(performance.now() - started);
    rows = page.rows.length;
    looked = (query.before ?? 2 * ACTIONS) - (page.before ?? 0);
  }
  times.sort((a, b) => a - b);
  return `| ${name} | ${times[ROUNDS >> 1]?.toFixed(1)} | ${times.at(-1)?.toFixed(1)} | ${rows} | ${looked} |`;
}

async function fill(store: Store): Promise<void> {
  const start = systemClock.now() - ACTIONS * 1000;
  let entries: NewEntry[] = [];
  for (let n = 0; n < ACTIONS; n++) {
    entries.push(...entriesOf(n, start + n * 1000));
    if (entries.length < BATCH) continue;
    await store.append({ first: 2 * (n + 1) - entries.length, entries, bodies: [], cells: [] });
    entries = [];
  }
}

function entriesOf(n: number, atMs: number): NewEntry[] {
  const denied = n % 50 === 7;
  const action = `01JDWX7Q4M${String(n).padStart(16, '0')}`;
  const common = { action, agent: `agent-${n % 100}`, session: `s${n % 1000}` };
  const decided = {
    ...common,
    at: toInstant(atMs),
    decision: denied ? 'deny' : 'allow',
    digest: `sha256:${'4be1'.repeat(16)}`,
    argumentsDigest: `sha256:${'77b0'.repeat(16)}`,
    kind: 'action.decided',
    operation: 'mcp:files/read_text_file',
    policy: `sha256:${'9a07'.repeat(16)}`,
    rules: ['reading-is-fine'],
    seq: 2 * n,
    target: { id: `/srv/work/report-${n % 1000}.txt`, type: 'Path' },
  };
  const ended = {
    ...common,
    at: toInstant(atMs + 5),
    kind: 'action.outcome',
    outcome: n % 5000 === 11 ? 'unknown' : 'ok',
    seq: 2 * n + 1,
  };
  return [decided, ended].map(({ ...entry }) => {
    const text = JSON.stringify(entry);
    return { text, leaf: leafHash(text), kind: entry.kind, atMs, ...common };
  });
}
