/**
 * `node scripts/bootstrap.mjs [SCRIPT ARGS…]`: the one way into this checkout, for `npm test` and the like. It has no
 * dependencies and runs on Node 20: it installs what the lock file names (only when the lock file changed since), then
 * runs SCRIPT on the pinned runtime; `./lanyard` has it install alone. Progress goes to stderr.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lock = join(root, 'package-lock.json');
/** Written by stamp.mjs at the end of every install. */
const installed = join(root, 'node_modules', '.lanyard-installed');
const runtime = join(root, 'node_modules', 'node', 'bin', 'node');

function fail(sentence) {
  console.error(`lanyard: ${sentence}`);
  process.exit(1);
}

function upToDate() {
  return existsSync(installed) && existsSync(runtime) && readFileSync(lock).equals(readFileSync(installed));
}

function install() {
  console.error(
    'lanyard: installing what package-lock.json names (first start, or it changed); this takes a moment …',
  );
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // npm is silent for most of a minute otherwise: a person must see that something is going on.
  const run = spawnSync(npm, ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, npm_config_ignore_scripts: 'false' },
  });
  if (run.error) fail(`npm could not be started (${run.error.message}); install Node 20 or newer with npm.`);
  if (run.status !== 0)
    fail('`npm ci` did not finish; its message is above. Check the network and try again.');
  if (!existsSync(runtime))
    fail('the pinned runtime is missing after the install; is npm told to ignore install scripts?');
  console.error('lanyard: installed.');
}

if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node 20 or newer is needed, this is ${process.version}.`);
const installedNow = !upToDate();
if (installedNow) install();

// Never ends a start: Lanyard guards and records without its console.
if (installedNow) spawnSync(runtime, [join(root, 'scripts', 'console.mjs')], { stdio: ['ignore', 2, 2] });

const [script, ...args] = process.argv.slice(2);
if (script === undefined) process.exit(0);

const env = { ...process.env };
delete env.NODE_OPTIONS;
const child = spawn(
  runtime,
  ['--disable-sigusr1', '--disable-warning=ExperimentalWarning', resolve(root, script), ...args],
  { stdio: 'inherit', env },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
child.on('error', (error) => fail(`the pinned runtime did not start: ${error.message}`));
