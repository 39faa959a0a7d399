import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, ROOT, sourceFiles } from '../source-tree.ts';

const files = sourceFiles('console');

/** What the console may share with the instance, and why; everything else it gets over HTTP. */
const SHARED: readonly { readonly what: RegExp; readonly why: string }[] = [
  { what: /^src\/contract\//, why: 'the shapes of what is asked and answered' },
  { what: /^src\/ledger\/(note|verify\/)/, why: 'a log is verified by the same code everywhere' },
  { what: /^src\/base\/(clock|duration|limits)\.ts$/, why: 'one clock, its units, one table of limits' },
  {
    what: /^src\/catalog\/(visible|pins\/line-difference)\.ts$/,
    why: 'what cannot be seen is made visible by one table',
  },
];

/** What text from elsewhere could become markup or code by, or what would fetch from elsewhere. */
const BANNED =
  /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(|localStorage\.setItem\((?!KEY)|document\.cookie|\bas any\b/;

describe('the console', () => {
  it('shares with the instance only what is meant to be shared', () => {
    const wrong = files.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => join(path, '..', specifier).replaceAll('\\', '/'))
        .filter((to) => !to.startsWith('console/') && !SHARED.some(({ what }) => what.test(to)))
        .map((to) => `${path} → ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('puts no text from elsewhere where it could become markup, and names no other host', () => {
    const found = files.flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter((line) => BANNED.test(line) || (!path.startsWith('console/mock') && /https?:\/\//.test(line)))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it('is built by files that the instance has: no page asks another host for anything', () => {
    const html = readFileSync(join(ROOT, 'console', 'index.html'), 'utf8');
    expect(html).not.toMatch(/https?:\/\/|<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
    expect(existsSync(join(ROOT, 'console', 'public'))).toBe(true);
    expect(readdirSync(join(ROOT, 'console', 'public'))).toEqual(['lanyard.svg', 'push.js']);
    // What runs while no page is open only shows what came, and opens a page of its own origin.
    const worker = readFileSync(join(ROOT, 'console', 'public', 'push.js'), 'utf8');
    expect(worker).not.toMatch(/fetch|import|XMLHttpRequest|WebSocket|https?:|caches|postMessage/);
  });
});
