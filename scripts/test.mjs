/**
 * `npm test [FILES…]`: the whole suite. A few files with browsers or whole instances that failed while others ran beside
 * them are run once more, alone, and named at the end: a starved machine takes longer than such a test can wait. Whatever
 * runs in one process, the crash loops and the oracle have one run: what fails there once is a defect.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closingLine } from './closing-line.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where tests wait for browsers and whole instances. More files than this are no accident: the first run stands. */
const STARVED = /^tests\/(brake|conformance|console|journeys|sabotage)\//;
const AGAIN_AT_MOST = 5;

const place = mkdtempSync(join(tmpdir(), 'lanyard-counts-'));

/** One run: how it ended, and what each file came to (nothing where Vitest itself broke off). */
function run(args) {
  const file = join(place, 'counts.json');
  rmSync(file, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [...process.execArgv, vitest, 'run', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, LANYARD_TEST_COUNTS: file },
  });
  let counts = [];
  try {
    counts = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // It ended before it could count: its own message is above, and its status is no success.
  }
  return { ok: status === 0, counts };
}

const first = run(process.argv.slice(2));
const failed = first.counts.filter(([, count]) => count.failed > 0).map(([path]) => relative(root, path));
let { ok, counts } = first;
if (
  !ok &&
  failed.length > 0 &&
  failed.length <= AGAIN_AT_MOST &&
  failed.every((path) => STARVED.test(path))
) {
  const names = failed.join(', ');
  console.log(`\nFailed beside others, run once more alone: ${names}`);
  const second = run([...failed, '--maxWorkers=1', '--no-file-parallelism']);
  ok = second.ok;
  const again = new Map(second.counts);
  counts = counts.map(([path, count]) => [path, again.get(path) ?? count]);
  if (ok) console.log(`\nPassed alone, but not beside others: ${names}`);
}
rmSync(place, { recursive: true, force: true });
console.log(closingLine(counts));
process.exit(ok ? 0 : 1);
