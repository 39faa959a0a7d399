import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileUriOf, pathTarget, resolvePath } from '../../src/catalog/targets/path.ts';
import { machineFiles } from '../../src/main/files.ts';

const COMPOSED = 'caf\u00e9';
const DECOMPOSED = 'cafe\u0301';
let outer: string;
let root: string;

beforeAll(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-path-')));
  root = join(outer, 'root');
  mkdirSync(join(root, 'dir/deep'), { recursive: true });
  mkdirSync(join(outer, 'secret/inner'), { recursive: true });
  writeFileSync(join(root, 'a.txt'), '');
  writeFileSync(join(root, '50%.txt'), '');
  writeFileSync(join(root, DECOMPOSED), '');
  writeFileSync(join(outer, 'secret/key'), '');
  symlinkSync(join(outer, 'secret'), join(root, 'out'));
  symlinkSync(join(outer, 'secret/inner'), join(root, 'inner'));
  symlinkSync(join(outer, 'secret/not-yet'), join(root, 'dangling'));
  symlinkSync('loop', join(root, 'loop'));
});
afterAll(() => rmSync(outer, { recursive: true, force: true }));

const resolve = (text: string) => resolvePath(text, root, machineFiles);
const inRoot = (name: string) => ({ ok: true, value: join(root, name) });

describe('a path', () => {
  test.each([
    ['a.txt', 'a.txt'],
    ['./dir//../a.txt', 'a.txt'],
    ['dir/', 'dir'],
    ['.', ''],
    ['new.txt', 'new.txt'],
    ['new/deeper/file', 'new/deeper/file'],
    ['50%.txt', '50%.txt'],
    ['%2eenv', '%2eenv'],
    ['dir/%2e%2e/a.txt', 'dir/%2e%2e/a.txt'],
    ['~user', '~user'],
    [' a.txt ', ' a.txt '],
    ['C:x', 'C:x'],
  ])('%j in the served directory is %j', (text, name) => {
    expect(resolve(text)).toEqual(inRoot(name));
  });

  test('is the real one behind links, also for a file that is yet to be', () => {
    expect(resolve('out/key')).toEqual({ ok: true, value: join(outer, 'secret/key') });
    expect(resolve('out/new/file')).toEqual({ ok: true, value: join(outer, 'secret/new/file') });
    expect(resolve('/etc/../etc//hosts')).toEqual({ ok: true, value: realpathSync('/etc/hosts') });
  });

  test.each([
    ['', 'empty'],
    ['a\0b', 'NUL'],
    ['file:///a%00b', 'NUL'],
    ['~', '~'],
    ['~/x', '~'],
    ['C:\\Windows', 'another operating system'],
    ['c:/x', 'another operating system'],
    ['\ud800', 'surrogate'],
    ['dangling', 'link to nowhere'],
    ['dangling/x', 'link to nowhere'],
    ['loop', 'link to nowhere'],
    ['loop/x', 'link to nowhere'],
    ['inner/../a.txt', '`..` behind a link'],
    ['dir/../out/../a.txt', '`..` behind a link'],
    ['x'.repeat(300), 'cannot be looked at'],
    ['x/'.repeat(2000), 'directories'],
    ['x'.repeat(5000), 'characters'],
  ])('%# is refused', (text, why) => {
    const result = resolve(text);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.error).toContain(why);
  });

  test('`..` that means the same both ways is taken', () => {
    expect(resolve('dir/../a.txt')).toEqual(inRoot('a.txt'));
    expect(resolve('missing/../a.txt')).toEqual(inRoot('a.txt'));
    expect(resolve('inner/../../root/a.txt')).toEqual(inRoot('a.txt'));
  });

  test('written in another Unicode form is the file that exists', () => {
    expect(resolve(COMPOSED)).toEqual(inRoot(DECOMPOSED));
    expect(resolve(`${COMPOSED}/below`)).toEqual(inRoot(`${DECOMPOSED}/below`));
    expect(resolve('n\u00e9w')).toEqual(inRoot('n\u00e9w'));
  });

  test('in ASCII is another form of three characters that are not', () => {
    const named = join(outer, 'kelvin');
    mkdirSync(named);
    // The Kelvin sign, the Greek question mark and the Greek varia: server-filesystem opens each by its ASCII twin.
    for (const [written, exists] of [
      ['K.txt', '\u212a.txt'],
      ['a;b', 'a\u037eb'],
      ['`', '\u1fef'],
    ] as const) {
      writeFileSync(join(named, exists), '');
      expect(resolvePath(written, named, machineFiles)).toEqual({ ok: true, value: join(named, exists) });
    }
    expect(resolvePath('k.txt', named, machineFiles)).toEqual({ ok: true, value: join(named, 'k.txt') });
  });

  test('with several spellings that exist is refused, except as one of them', () => {
    const both = join(outer, 'both');
    mkdirSync(both);
    writeFileSync(join(both, 'a\u0301\u00e9'), '');
    writeFileSync(join(both, '\u00e1e\u0301'), '');
    expect(resolvePath('\u00e1\u00e9', both, machineFiles)).toMatchObject({ ok: false });
    expect(resolvePath('\u00e1e\u0301', both, machineFiles)).toEqual({
      ok: true,
      value: join(both, '\u00e1e\u0301'),
    });
  });
});

describe('a file: URI', () => {
  test('is decoded once', () => {
    expect(resolve(fileUriOf(join(root, '50%.txt')))).toEqual(inRoot('50%.txt'));
    expect(resolve(`file://${root}/%2561`)).toEqual(inRoot('%61'));
    expect(resolve(`file://localhost${root}/a.txt`)).toEqual(inRoot('a.txt'));
    expect(resolve(`FILE:${root}/dir/%2e%2e/a.txt`)).toEqual(inRoot('a.txt'));
    expect(resolve(`file://${root}/caf%C3%A9`)).toEqual(inRoot(DECOMPOSED));
  });

  test.each([
    'file://elsewhere/etc/passwd',
    'file://[::1]/etc/passwd',
    'file:///etc%2fpasswd',
    'file:///etc%5Cpasswd',
    'file:///etc/passwd%00.txt',
    'file:///a?b',
    'file:///a#b',
    'file:///%ff',
    'file:///a\n/b',
    'file:///a\\b',
    'file:a.txt',
    'file:',
  ])('%j is refused', (text) => {
    expect(resolve(text).ok).toBe(false);
  });
});

test('a path target has every directory above it as a parent', () => {
  expect(pathTarget('/srv/w/a.txt')).toEqual({
    type: 'Path',
    id: '/srv/w/a.txt',
    ancestors: [
      { type: 'Path', id: '/srv/w' },
      { type: 'Path', id: '/srv' },
      { type: 'Path', id: '/' },
    ],
    attributes: { id: '/srv/w/a.txt', name: 'a.txt' },
  });
  expect(pathTarget('/').ancestors).toEqual([]);
});

/** Random trees with files, directories and links (into the tree, out of it, to nowhere, in circles). */
const NAMES = ['a', 'b', 'c', '\u00e9', 'e\u0301', '%41'];
const step = fc.constantFrom(...NAMES, '..', '.', '', 'x y');
const anyPath = fc
  .tuple(fc.constantFrom('', '/', './', '../'), fc.array(step, { maxLength: 6 }))
  .map(([start, steps]) => start + steps.join('/'));
const treeStep = fc.record({
  kind: fc.constantFrom('directory', 'directory', 'file', 'link'),
  at: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
  to: anyPath,
});

describe('over random trees', () => {
  const plant = (base: string, steps: readonly { kind: string; at: readonly string[]; to: string }[]) => {
    for (const { kind, at, to } of steps) {
      const path = join(base, ...at);
      try {
        if (kind === 'directory') mkdirSync(path, { recursive: true });
        else if (kind === 'file') writeFileSync(path, '');
        else symlinkSync(to.startsWith('/') ? join(base, to) : to, path);
      } catch {
        // the place is taken, or lies under a file: the tree is random
      }
    }
  };

  test('the normaliser reaches what realpath reaches, is idempotent, and what it gives is real', () => {
    let resolved = 0;
    let existing = 0;
    fc.assert(
      fc.property(
        fc.array(treeStep, { maxLength: 12 }),
        fc.array(anyPath, { minLength: 1, maxLength: 8 }),
        (tree, paths) => {
          const base = realpathSync(mkdtempSync(join(outer, 't-')));
          plant(base, tree);
          for (const text of paths) {
            const result = resolvePath(text.startsWith('/') ? base + text : text, base, machineFiles);
            if (!result.ok) continue;
            resolved++;
            expect(resolvePath(result.value, '/', machineFiles)).toEqual(result);
            const written = text.startsWith('/') ? base + text : join(base, text);
            const real = machineFiles.realpath(posix.normalize(written));
            if (real !== null) {
              existing++;
              expect(result.value).toBe(real);
              // the kernel's own reading of the unnormalised text agrees wherever it has one
              const kernel = machineFiles.realpath(text.startsWith('/') ? base + text : `${base}/${text}`);
              if (kernel !== null) expect(result.value).toBe(kernel);
            } else {
              // nothing is there: every directory of it that exists is real already, and no link is left in it
              for (let here = result.value; here !== '/'; here = posix.dirname(here)) {
                expect([null, here]).toContain(machineFiles.realpath(here));
              }
            }
          }
          rmSync(base, { recursive: true, force: true });
        },
      ),
      { numRuns: 300 },
    );
    expect(resolved).toBeGreaterThan(300);
    expect(existing).toBeGreaterThan(100);
  });
});
