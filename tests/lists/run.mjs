// `npm run test:lists`: installs the servers that npm has (some 250 MB, once, without their install scripts) and compares
// what they list with tests/packs/tools. It is no part of `npm test`; whoever asks for it gets an answer.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const servers = join(here, 'servers');
const lock = readFileSync(join(servers, 'package-lock.json'));
const stamp = join(servers, 'node_modules', '.installed');
if (!existsSync(stamp) || !readFileSync(stamp).equals(lock)) {
  console.error('test:lists: installing the servers …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: servers,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0) {
    console.error('test:lists: the servers could not be installed; what npm says is above.');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}
const vitest = join(here, '../../node_modules/vitest/vitest.mjs');
const run = spawnSync(process.execPath, [vitest, 'run', '--config', join(here, 'vitest.config.ts')], {
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
