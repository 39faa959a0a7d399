import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, sourceFiles } from './source-tree.ts';

/** Folders that documents and comments may speak of; the files at the top are added. */
const FOLDERS = ['bench', 'console/src', 'demo', 'docs', 'packs', 'scripts', 'src', 'tests'];

const listed = (folder: string, recursive: boolean): string[] =>
  readdirSync(join(ROOT, folder), { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));

const paths = [...listed('.', false), ...FOLDERS.flatMap((folder) => listed(folder, true))];
const known = new Set(paths);
/** Every way to name a file by its end: `src/policy/load.ts`, `policy/load.ts`, `load.ts`. */
const ends = new Set(
  paths.flatMap((path) => {
    const steps = path.split('/');
    return steps.map((_, i) => steps.slice(i).join('/'));
  }),
);

interface Citation {
  /** Where it stands: path and line. */
  readonly where: string;
  readonly path: string;
}

/** The files that each line names, as `pattern` finds them. */
function cited(file: string, text: string, pattern: RegExp): Citation[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(pattern)].map(([, path = '']) => ({ where: `${file}:${index + 1}`, path })),
    );
}

/** A comment alone: what stands before it, code and the addresses of pages, names no file of ours. */
const commentsOf = (text: string): string =>
  text
    .split('\n')
    .map((line) => /^\s*(?:\/\/|\/?\*)(.*)|\s\/\/ (.*)$/.exec(line)?.slice(1).join('') ?? '')
    .map((line) => line.replace(/https?:\S+/g, ''))
    .join('\n');

describe('what is named', () => {
  it('in comments is there: files of source, tests and documents', () => {
    const files = ['src', 'tests', 'bench', 'demo'].flatMap(sourceFiles);
    const all = files.flatMap(({ path, text }) =>
      cited(path, commentsOf(text), /(?<![\w./@-])((?:[\w-]+\/)*[\w-]+(?:\.test)?\.(?:ts|md))\b/g),
    );
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(({ path }) => !ends.has(path))).toEqual([]);
  });

  it('in packs is there: the tests that hold an entry', () => {
    const files = paths.filter((path) => path.startsWith('packs/') && /\.(yaml|cedar|golden)$/.test(path));
    const all = files.flatMap((path) =>
      cited(path, readFileSync(join(ROOT, path), 'utf8'), /([\w./-]+\.test\.ts)\b/g),
    );
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(({ path }) => !known.has(path))).toEqual([]);
  });

  it('in documents is there: files in code spans, and what links lead to', () => {
    const pages = paths.filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md');
    const texts = pages.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
    const spans = texts.flatMap(({ path, text }) => cited(path, text, /`((?!\/)[\w./-]+\.(?:ts|mjs|md))`/g));
    const links = texts.flatMap(({ path, text }) =>
      cited(path, text, /\]\((?!https?:|#)([^)#\s]+)/g).map((one) => ({
        ...one,
        path: posix.normalize(posix.join(dirname(path), one.path)).replace(/\/$/, ''),
      })),
    );
    expect(spans.length).toBeGreaterThan(100);
    expect(links.length).toBeGreaterThan(10);
    expect(spans.filter(({ path }) => !ends.has(path.replace(/^\.\//, '')))).toEqual([]);
    const isThere = (path: string) => known.has(path) || paths.some((one) => one.startsWith(`${path}/`));
    expect(links.filter(({ path }) => !isThere(path))).toEqual([]);
  });

  it('in the threats by a test is one test', () => {
    const text = readFileSync(join(ROOT, 'THREATS.md'), 'utf8');
    const tests = cited('THREATS.md', text, /`([\w./-]+\.test\.ts)`/g);
    expect(tests.length).toBeGreaterThan(50);
    const named = (path: string) => paths.filter((one) => one === path || one.endsWith(`/${path}`)).length;
    expect(tests.filter(({ path }) => named(path) !== 1)).toEqual([]);
  });
});
