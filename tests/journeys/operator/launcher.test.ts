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
    '#!/bin/sh\nfor word in "$@"; do case $word in *.mjs | *.ts) basename "$word" ;; esac; done\n',
  );
  for (const path of ['lanyard', 'node_modules/node/bin/node']) chmodSync(join(root, path), 0o755);
  for (const path of ['console/src/a.tsx', 'src/base/a.ts']) put(path, 'old');
  put('console/dist/.built', 'a digest');
  later('console/dist/.built');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Until its change is later than everything that is there: the clock of files is a coarse one. */
function later(path: string): void {
  const [own, others] = [
    join(root, path),
    ['console/src/a.tsx', 'src/base/a.ts', 'package-lock.json', 'src/base', 'console'],
  ];
  const newest = () =>
    Math.max(...others.filter((other) => other !== path).map((other) => statSync(join(root, other)).ctimeMs));
  while (statSync(own).ctimeMs <= newest()) writeFileSync(own, 'again');
}

test('asks whether the console has to be built only where something has changed since it was, and only to start', () => {
  expect(ran('start')).toEqual(['lanyard.ts']);
  for (const path of ['console/src/a.tsx', 'src/base/a.ts', 'package-lock.json']) {
    if (path === 'package-lock.json') put('node_modules/.lanyard-installed', 'again');
    const built = join(root, 'console/dist/.built');
    while (statSync(join(root, path)).ctimeMs <= statSync(built).ctimeMs)
      writeFileSync(join(root, path), 'again');
    expect(ran('start')).toEqual(['console.mjs', 'lanyard.ts']);
    expect(ran('status')).toEqual(['lanyard.ts']);
    later('console/dist/.built');
    expect(ran('up')).toEqual(['lanyard.ts']);
  }
});

test('takes what was unpacked later for a change, whatever time it says of itself', () => {
  const built = statSync(join(root, 'console/dist/.built')).ctimeMs;
  const source = join(root, 'console/src/a.tsx');
  while (statSync(source).ctimeMs <= built) utimesSync(source, 0, 0);
  expect(statSync(source).mtimeMs).toBe(0);
  expect(ran('start')).toEqual(['console.mjs', 'lanyard.ts']);
});

test('where what was built last cannot be told, asks', () => {
  rmSync(join(root, 'console/dist'), { recursive: true });
  expect(ran('start')).toEqual(['console.mjs', 'lanyard.ts']);
});
