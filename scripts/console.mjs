/**
 * `node scripts/console.mjs`: builds the console where its sources changed since, else does nothing (some 20 ms). Never
 * ends a start: an instance guards and records without its console, and says that it has none.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** What a build is made of: the console, what it shares with the instance, and the versions of what makes it. */
const SOURCES = [
  'console/src',
  'console/public',
  'console/mock',
  'src/base',
  'src/contract',
  'src/ledger',
  'src/catalog',
];
const FILES = [
  'console/index.html',
  'console/vite.config.ts',
  'console/tsconfig.json',
  'console/package.json',
  'package-lock.json',
];
const stamp = join(root, 'console', 'dist', '.built');

function sourcesDigest() {
  const digest = createHash('sha256');
  const names = SOURCES.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const name of [...names, ...FILES.map((file) => join(root, file))].sort())
    digest
      .update(`${name.slice(root.length)}\0`)
      .update(readFileSync(name))
      .update('\0');
  return digest.digest('hex');
}

/** Builds where that is needed; answers whether there is a console now that fits its sources. */
export function buildConsole() {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(join(root, 'console', 'src'))) return existsSync(stamp);
  const wanted = sourcesDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    // `./lanyard` looks again only where something is newer than this.
    const now = new Date();
    try {
      utimesSync(stamp, now, now);
    } catch {
      // Another user's checkout: the next start looks again, too.
    }
    return true;
  }
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
