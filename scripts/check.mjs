/** `npm run check`: types, lint and format, floor plan and tidy rules, one after the other; stops at none, fails at the end. */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);
// The tools start through `env node`: let that be the pinned runtime.
const env = { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter) };
const steps = [
  ['types', bin('tsc'), []],
  ['types of the console', bin('tsc'), ['-p', 'console']],
  ['lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  [
    'floor plan and tidy',
    bin('vitest'),
    ['run', 'tests/floorplan.test.ts', 'tests/tidy.test.ts', '--reporter=dot'],
  ],
];

let failed = 0;
for (const [name, command, args] of steps) {
  const started = performance.now();
  const run = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  const ok = run.status === 0;
  if (!ok) failed++;
  console.error(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
process.exit(failed === 0 ? 0 : 1);
