import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** `./lanyard` of a checkout, in a tree of its own with a runtime that only says what it was to run. */

const ROOT = join(import.meta.dirname, '../../..');
let root: string;
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
/** When the console was built last, and what an instance runs from. */
const BUILT = ['console/dist/.built', 'dist/lanyard.mjs'] as const;
/** What a start ran, in order, by the file's name. */
const ran = (command: string) =>
  spawnSync(join(root, 'lanyard'), [command], { encoding: 'utf8' }).stdout.trim().split('\n');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-launcher-'));
  copyFileSync(join(ROOT, 'lanyard'), join(root, 'lanyard'));
  put('package-lock.json', '{}');
  put('node_modules/.lanyard-installed', '{}');
  put(
    'node_modules/node/bin/node',
    '#!/bin/sh\nfor word in "$@"; do case $word in *.mjs | *.ts) basename "$word" ;; esac; done\n' +
      'case $1 in */bundle.mjs) [ ! -e "$(dirname "$0")/cannot-join" ] ;; esac\n',
  );
  for (const path of ['lanyard', 'node_modules/node/bin/node']) chmodSync(join(root, path), 0o755);
  for (const path of ['console/src/a.tsx', 'src/base/a.ts', 'scripts/bundle.mjs']) put(path, 'old');
  for (const built of BUILT) {
    put(built, '');
    later(built);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Until its change is later than everything that is there: the clock of files is a coarse one. */
function later(path: string): void {
  const own = join(root, path);
  const others = [
    'console/src/a.tsx',
    'src/base/a.ts',
    'scripts/bundle.mjs',
    'package-lock.json',
    'src/base',
    'console',
  ];
  const newest = () =>
    Math.max(...others.filter((other) => other !== path).map((other) => statSync(join(root, other)).ctimeMs));
  while (statSync(own).ctimeMs <= newest()) writeFileSync(own, 'again');
}

/** Until its change is later than what was built of it. */
function change(path: string, write: (own: string) => void = (own) => writeFileSync(own, 'again')): void {
  const own = join(root, path);
  const newest = Math.max(...BUILT.map((built) => statSync(join(root, built)).ctimeMs));
  while (statSync(own).ctimeMs <= newest) write(own);
}

test.each([
  ['console/src/a.tsx', ['console.mjs']],
  ['scripts/bundle.mjs', ['bundle.mjs']],
  ['src/base/a.ts', ['bundle.mjs', 'console.mjs']],
  ['package-lock.json', ['bundle.mjs', 'console.mjs']],
])('builds again what is made of %s where it has changed since, and only to start', (path, builds) => {
  expect(ran('start')).toEqual(['lanyard.mjs']);
  if (path === 'package-lock.json') put('node_modules/.lanyard-installed', 'again');
  change(path);
  expect(ran('status')).toEqual(['lanyard.ts']);
  expect(ran('start')).toEqual([...builds, 'lanyard.mjs']);
  for (const built of BUILT) later(built);
  expect(ran('up')).toEqual(['lanyard.mjs']);
});

test('takes what was unpacked later for a change, whatever time it says of itself', () => {
  change('src/base/a.ts', (own) => utimesSync(own, 0, 0));
  expect(statSync(join(root, 'src/base/a.ts')).mtimeMs).toBe(0);
  expect(ran('start')).toEqual(['bundle.mjs', 'console.mjs', 'lanyard.mjs']);
});

test.each(BUILT)('where %s does not say what was built last, asks', (built) => {
  rmSync(join(root, built));
  expect(ran('start')).toEqual([built === 'dist/lanyard.mjs' ? 'bundle.mjs' : 'console.mjs', 'lanyard.mjs']);
});

test('runs from the source where it cannot be joined, and tries again at the next start', () => {
  change('src/base/a.ts');
  put('node_modules/node/bin/cannot-join', '');
  later('console/dist/.built');
  expect(ran('start')).toEqual(['bundle.mjs', 'lanyard.ts']);
  rmSync(join(root, 'node_modules/node/bin/cannot-join'));
  expect(ran('start')).toEqual(['bundle.mjs', 'lanyard.mjs']);
});
