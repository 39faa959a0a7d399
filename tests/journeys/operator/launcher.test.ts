import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

/**
 * `./lanyard` of a checkout, in a tree of its own with a program of two modules. Its source is joined and run as it is; in
 * place of the build of the console it is only noted what that would be of.
 */

const ROOT = join(import.meta.dirname, '../../..');
const CONSOLE_BUILT = 'console/dist/.built';
let directory: string;
let root: string;
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const UP = `import { word } from '../word.ts';
export const run = () => console.log(process.argv[1]?.includes('/dist/') ? 'dist' : 'src', word);
`;
const source = (word: string) => put('src/cli/word.ts', `export const word: string = '${word}';\n`);

interface Ran {
  /** Which of our scripts ran before the program. */
  readonly scripts: readonly string[];
  /** Where the program ran from, and what its source says. */
  readonly program: string;
  readonly stderr: string;
}

function ran(command: string, tree = root): Ran {
  const { stdout, stderr } = spawnSync(join(tree, 'lanyard'), command.split(' '), {
    encoding: 'utf8',
    cwd: tmpdir(),
  });
  const lines = stdout.trim().split('\n');
  return { scripts: lines.slice(0, -1), program: lines.at(-1) ?? '', stderr };
}

/** The directories of builds, whole or not. */
const builds = (tree = root) => readdirSync(join(tree, 'dist'));

function onlyBuild(): string {
  const [only, ...others] = builds();
  if (only === undefined || others.length > 0) throw new Error(`there are ${others.length + 1} builds`);
  return join(root, 'dist', only);
}

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-launcher-')));
  root = join(directory, 'it');
  mkdirSync(join(root, 'scripts'), { recursive: true });
  for (const name of ['lanyard', 'scripts/bundle.mjs', 'scripts/sum.sh'])
    copyFileSync(join(ROOT, name), join(root, name));
  put('package-lock.json', '{}');
  put('package.json', '{ "type": "module" }');
  put('tsconfig.json', '{}');
  put('node_modules/.lanyard-installed', '{}');
  const installed = ['rolldown', '@rolldown', '@oxc-project'];
  for (const name of installed)
    symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name));
  put(
    'node_modules/node/bin/node',
    `#!/bin/sh
case $1 in */scripts/*) basename "$1" ;; esac
case $1 in
  */console.mjs)
    export root="$(dirname "$1")/.."
    sh "$root/scripts/sum.sh" console >"$root/console/dist/.built"
    exit ;;
esac
exec '${process.execPath}' "$@"
`,
  );
  for (const path of ['lanyard', 'node_modules/node/bin/node']) chmodSync(join(root, path), 0o755);
  put('console/src/a.tsx', 'old');
  put('src/base/shared.ts', 'old');
  source('old');
  put('src/cli/lanyard.ts', "const { run } = await import('./commands/up.ts');\nrun();\n");
  put('src/cli/commands/up.ts', UP);
  put(CONSOLE_BUILT, '');
  ran('up');
  rmSync(join(root, 'dist'), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('an instance runs from what was joined of the source, which is joined again only where it has changed', () => {
  expect(ran('status')).toMatchObject({ scripts: [], program: 'src old' });
  expect(ran('start')).toEqual({ scripts: ['bundle.mjs'], program: 'dist old', stderr: '' });
  expect(ran('up')).toEqual({ scripts: [], program: 'dist old', stderr: '' });
  put('src/cli/word.test.ts', 'a test is no part of it');
  expect(ran('up').scripts).toEqual([]);
  source('new');
  expect(ran('status')).toMatchObject({ scripts: [], program: 'src new' });
  expect(ran('up')).toEqual({ scripts: ['bundle.mjs'], program: 'dist new', stderr: '' });
});

test.each([
  ['-c a.yaml up', 'dist old'],
  ['--config a.yaml start', 'dist old'],
  ['--config=a.yaml up', 'dist old'],
  ['-ca.yaml up', 'dist old'],
  ['-c up status', 'src old'],
  ['stop up', 'src old'],
  ['-c', 'src old'],
])('`%s` runs from %s', (words, program) => {
  expect(ran(words)).toMatchObject({ program, stderr: '' });
});

test('going back to an earlier source takes up what was joined of that', () => {
  ran('up');
  source('new');
  ran('up');
  source('old');
  expect(ran('up')).toEqual({ scripts: [], program: 'dist old', stderr: '' });
});

test.each(['scripts/bundle.mjs', 'scripts/sum.sh', 'package-lock.json', 'tsconfig.json'])(
  'joins again where %s has changed',
  (path) => {
    ran('up');
    const before = path.endsWith('.json') ? '{ }' : `${path.endsWith('.sh') ? '#' : '//'} changed\n`;
    const text = path.endsWith('.json')
      ? ''
      : spawnSync('cat', [join(root, path)], { encoding: 'utf8' }).stdout;
    put(path, before + text);
    if (path === 'package-lock.json') put('node_modules/.lanyard-installed', '{ }');
    const { scripts, program } = ran('up');
    expect({ first: scripts[0], program }).toEqual({ first: 'bundle.mjs', program: 'dist old' });
  },
);

test('runs no older source, whatever the times of files say', () => {
  ran('up');
  const built = onlyBuild();
  for (const name of ['.', ...readdirSync(built)]) utimesSync(join(built, name), 4e9, 4e9);
  source('new');
  utimesSync(join(root, 'src/cli/word.ts'), 0, 0);
  expect(ran('up').program).toBe('dist new');
});

test('a copy whose source had changed, and one that was moved, run their own', () => {
  ran('up');
  renameSync(root, join(directory, "moved # %20 'é"));
  root = join(directory, "moved # %20 'é");
  expect(ran('up')).toEqual({ scripts: [], program: 'dist old', stderr: '' });
  source('new');
  const copy = join(directory, 'copy');
  cpSync(root, copy, { recursive: true, filter: (path) => !path.endsWith('/dist') });
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  expect(ran('up', copy).program).toBe('dist new');
});

test('an instance starts its threads from its own source, whatever has become of that meanwhile', () => {
  put(
    'src/cli/thread.ts',
    "import { parentPort } from 'node:worker_threads';\nimport { word } from './word.ts';\nparentPort?.postMessage(word);\n",
  );
  put(
    'src/cli/commands/up.ts',
    `import { rmSync } from 'node:fs';
import { start } from '../start.ts';
export const run = () => {
  rmSync(new URL('../..', import.meta.url), { recursive: true });
  start().on('message', (word: string) => console.log('thread', word));
};
`,
  );
  put(
    'src/cli/start.ts',
    `import { Worker } from 'node:worker_threads';
export const start = () => new Worker(new URL('./thread.ts', import.meta.url), { name: 'thread' });
`,
  );
  expect(ran('up')).toMatchObject({ program: 'thread old', stderr: '' });
  expect(readdirSync(root)).not.toContain('src');
});

test.each<[string, (built: string) => void]>([
  ['its entry is empty', (built) => truncateSync(join(built, 'lanyard.mjs'))],
  ['a part of it is cut short', (built) => truncateSync(join(built, 'instance.mjs'), 20)],
  ['a part of it is gone', (built) => rmSync(join(built, 'instance.mjs'))],
  ['what says that it is whole is gone', (built) => rmSync(join(built, 'whole'))],
  ['all of it is gone', (built) => rmSync(built, { recursive: true })],
  [
    'a file stands in its place',
    (built) => {
      rmSync(built, { recursive: true });
      writeFileSync(built, '');
    },
  ],
])('joins again where %s', (_, damage) => {
  ran('up');
  damage(onlyBuild());
  expect(ran('up')).toEqual({ scripts: ['bundle.mjs'], program: 'dist old', stderr: '' });
  expect(ran('up')).toEqual({ scripts: [], program: 'dist old', stderr: '' });
  expect(builds()).toHaveLength(1);
});

test.each<[string, string, () => void]>([
  [
    'what joins it is not installed',
    "Cannot find package 'rolldown'",
    () => rmSync(join(root, 'node_modules/rolldown')),
  ],
  ['its place is taken', 'ENOTDIR', () => put('dist', '')],
  [
    'its place is a link to where nothing is installed',
    'is a link to another place',
    () => {
      mkdirSync(join(directory, 'elsewhere'));
      symlinkSync(join(directory, 'elsewhere'), join(root, 'dist'));
    },
  ],
  [
    'the source asks for what it cannot have',
    'more of import.meta',
    () => put('src/cli/commands/up.ts', `${UP}import.meta.dirname;\n`),
  ],
])('says in one line why it runs from the source where %s', (_, why, spoil) => {
  spoil();
  const { scripts, program, stderr } = ran('up');
  expect({ scripts, program }).toEqual({ scripts: ['bundle.mjs'], program: 'src old' });
  expect(stderr).toMatch(
    /^lanyard: src\/ could not be joined in dist\/ \(.+\); the instance runs from src\/.*\n$/,
  );
  expect(stderr).toContain(why);
  expect(stderr).not.toContain(' at ');
});
test('keeps what an instance may still run from, however old: the newest twenty', () => {
  const monthsOld = Date.now() / 1000 - 90 * 86_400;
  const earlier = Array.from({ length: 22 }, (_, n) => `earlier-${String(n).padStart(2, '0')}`);
  for (const [n, name] of earlier.entries()) {
    mkdirSync(join(root, 'dist', name), { recursive: true });
    utimesSync(join(root, 'dist', name), monthsOld + n, monthsOld + n);
  }
  expect(ran('up').program).toMatch(/^dist/);
  expect(
    builds()
      .filter((name) => name.startsWith('earlier-'))
      .sort(),
  ).toEqual(earlier.slice(3));
});

test('leaves nothing behind of what could not be joined, and for a week what was killed', () => {
  put('src/cli/commands/up.ts', 'no program');
  ran('up');
  expect(builds()).toEqual([]);
  put('src/cli/commands/up.ts', UP);
  for (const name of ['half-new', 'half-old']) put(`dist/${name}/lanyard.mjs`, '');
  const old = Date.now() / 1000 - 8 * 86_400;
  utimesSync(join(root, 'dist/half-old'), old, old);
  ran('up');
  expect(builds()).toContain('half-new');
  expect(builds()).not.toContain('half-old');
});

test.each<[string, () => void]>([
  ['nothing is there', () => undefined],
  [
    'what is there is damaged',
    () => {
      ran('up');
      truncateSync(join(onlyBuild(), 'lanyard.mjs'));
    },
  ],
])('several starts at once where %s all run', async (_, spoil) => {
  spoil();
  const starts = Array.from({ length: 4 }, async () => {
    const child = spawn(join(root, 'lanyard'), ['up'], { stdio: ['ignore', 'pipe', 'ignore'] });
    return (await text(child.stdout)).trim().split('\n').at(-1);
  });
  for (const program of await Promise.all(starts)) expect(program).toMatch(/^(?:dist|src) old$/);
  expect(ran('up')).toEqual({ scripts: [], program: 'dist old', stderr: '' });
  expect(builds()).toHaveLength(1);
});

test.each([
  ['console/src/a.tsx', 'again'],
  ['src/base/shared.ts', 'again'],
  ['package-lock.json', '{ }'],
])('builds the console again where %s has changed since, and only to start', (path, changed) => {
  ran('up');
  if (path === 'package-lock.json') put('node_modules/.lanyard-installed', changed);
  put(path, changed);
  utimesSync(join(root, path), 0, 0);
  utimesSync(join(root, CONSOLE_BUILT), 4e9, 4e9);
  expect(ran('status').scripts).toEqual([]);
  expect(ran('start').scripts).toContain('console.mjs');
  expect(ran('up').scripts).toEqual([]);
});

test('builds the console again where it does not say what it was built of', () => {
  ran('up');
  rmSync(join(root, CONSOLE_BUILT));
  expect(ran('start').scripts).toEqual(['console.mjs']);
});
