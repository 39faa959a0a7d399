import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../source-tree.ts';

/** One run of a published version of `@modelcontextprotocol/conformance` against one server. */
interface Suite {
  /** As the list of differences names it. */
  readonly name: string;
  readonly harness: 'conformance-2025' | 'conformance-2026';
  readonly upstream: 'upstream-2025.mjs' | 'upstream-2026.mjs';
  readonly words: readonly string[];
  /** Scenarios that no suite of this harness holds: each is asked for by name. */
  readonly scenarios?: readonly string[];
}

export const SUITES: readonly Suite[] = [
  {
    name: '0.1.16',
    harness: 'conformance-2025',
    upstream: 'upstream-2025.mjs',
    words: ['--suite', 'all'],
  },
  {
    name: '0.2.0-alpha.12, 2025-11-25',
    harness: 'conformance-2026',
    upstream: 'upstream-2025.mjs',
    words: ['--suite', 'all', '--spec-version', '2025-11-25'],
  },
  {
    name: '0.2.0-alpha.12, 2026-07-28',
    harness: 'conformance-2026',
    upstream: 'upstream-2026.mjs',
    words: ['--suite', 'all', '--spec-version', '2026-07-28'],
  },
  {
    name: '0.2.0-alpha.12, tasks',
    harness: 'conformance-2026',
    upstream: 'upstream-2026.mjs',
    words: ['--spec-version', '2026-07-28', '--force'],
    scenarios: [
      'lifecycle',
      'capability-negotiation',
      'wire-fields',
      'request-state-removal',
      'mrtr-input',
      'request-headers',
      'dispatch-and-envelope',
      'status-notifications',
      'required-task-error',
      'mrtr-composition',
    ].map((name) => `tasks-${name}`),
  },
];

/**
 * How often each check of each scenario ended how: `"<scenario>/<check>"` → its statuses, sorted and joined. What only
 * retraces the conversation is left out: a different number of events is no result.
 */
export type Verdicts = ReadonlyMap<string, string>;

const TRACES = new Set(['outgoing-request', 'incoming-response', 'incoming-sse-event', 'stream-closed']);
const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
/** One scenario; some wait for what never comes where something is missing. */
const SCENARIO_MS = 20_000;

export async function runSuite(suite: Suite, url: string): Promise<Verdicts> {
  const results = mkdtempSync(join(tmpdir(), 'lanyard-conformance-'));
  try {
    const timeout = suite.harness === 'conformance-2026' ? ['--timeout', String(SCENARIO_MS)] : [];
    const words = ['server', '--url', url, '-o', results, ...suite.words, ...timeout];
    if (suite.scenarios === undefined) await runHarness(suite, words);
    // One after the other: some look at what happens within a fraction of a second.
    for (const scenario of suite.scenarios ?? []) await runHarness(suite, [...words, '--scenario', scenario]);
    return readVerdicts(results);
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

async function runHarness(suite: Suite, words: readonly string[]): Promise<void> {
  const script = join(ROOT, 'node_modules', suite.harness, 'dist', 'index.js');
  const child = spawn(NODE, [script, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  // 1 says that a check failed, and also that the harness itself did.
  if (code !== 0 && code !== 1) throw new Error(`the harness ended with ${code}: ${stderr}`);
}

/** `<results>/server-<scenario>-<time>/checks.json`, for each scenario that ran. */
function readVerdicts(results: string): Verdicts {
  const statuses = new Map<string, string[]>();
  for (const directory of readdirSync(results)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(directory)?.[1] ?? directory;
    const checks = JSON.parse(readFileSync(join(results, directory, 'checks.json'), 'utf8')) as {
      readonly id: string;
      readonly status: string;
    }[];
    for (const { id, status } of checks) {
      if (TRACES.has(id)) continue;
      const key = `${scenario}/${id}`;
      statuses.set(key, [...(statuses.get(key) ?? []), status]);
    }
  }
  return new Map([...statuses].map(([key, all]) => [key, all.sort().join(' ')]));
}
