/**
 * `npm run screens`: has the suite's own visit of every page of the console, before the mock, leave its pictures in docs/screens.
 * Whoever remakes them looks at them.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', 'tests/console/pages.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SCREENS: join(root, 'docs', 'screens') },
});
process.exit(status ?? 1);
