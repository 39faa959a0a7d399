/**
 * `node scripts/console.mjs`: builds the console where its sources changed since, else does nothing. Never
 * ends a start: an instance guards and records without its console, and says that it has none.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Says what the build was made of, as scripts/sum.sh does: so `./lanyard` knows it without asking here. */
const stamp = join(root, 'console', 'dist', '.built');

const sumNow = () =>
  execFileSync('sh', [join(root, 'scripts', 'sum.sh'), 'console'], {
    env: { ...process.env, root },
    encoding: 'utf8',
  }).trim();

/** Builds where that is needed; answers whether there is a console now that fits its sources. */
export function buildConsole() {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(join(root, 'console', 'src'))) return existsSync(stamp);
  const wanted = sumNow();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  console.error('lanyard: building the console (first start, or it changed); this takes a moment …');
  const run = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'console'),
    stdio: ['ignore', 2, 2],
    // Whoever starts this may be in tests or in development; what is built never is.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (run.status !== 0) {
    console.error(
      'lanyard: the console could not be built (its message is above); Lanyard starts without it.',
    );
    return false;
  }
  try {
    writeFileSync(stamp, wanted);
  } catch (error) {
    console.error(`lanyard: the next start builds the console again: ${error.message}`);
  }
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) buildConsole();
