import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isTest, sourceFiles } from './source-tree.ts';

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 70;

/** Banned calls, where they may stand after all, and why. */
const BANNED: readonly { what: RegExp; who: readonly string[]; why: string }[] = [
  {
    what: /\bDate\.now\(|\bnew Date\(\)/,
    who: ['src/base/clock.ts'],
    why: 'time is a value that tests hold still',
  },
  { what: /\bMath\.random\(/, who: [], why: 'what matters is random from node:crypto' },
  {
    what: /\bprocess\.env\b/,
    who: ['src/main/', 'src/cli/'],
    why: 'settings come through the configuration',
  },
  { what: /\bprocess\.exit\(/, who: ['src/cli/'], why: 'only the command line ends the process' },
  {
    what: /@ts-ignore|@ts-nocheck|@ts-expect-error|\bas any\b|\bas unknown as\b/,
    who: [],
    why: 'types are not to be talked out of it',
  },
  {
    what: /^ {4,}get \w+\(\)/,
    who: ['src/main/stop/outside.ts', 'src/watch/', 'src/pipeline/stop/stop.ts'],
    why: 'each literal with a getter has a hidden class of its own, which holds what the getter sees until a whole collection, and is kept as a dictionary; a class has one',
  },
  { what: /\bTODO\b|\bFIXME\b|\bXXX\b/, who: [], why: 'what is next stands in docs/roadmap.md' },
];
const BANNED_NAMES = /(^|[/-])(utils?|helpers?|common|misc|manager|service)(\.|-|\/)/;

const files = [...sourceFiles('src'), ...sourceFiles('console')];
const product = files.filter((file) => !isTest(file.path));

/** Lines of each function from the end of its head, by the brace that closes at the indentation at which that ends (the formatter sees to that). */
function longFunctions(text: string): string[] {
  const lines = text.split('\n');
  const long: string[] = [];
  for (const [index, line] of lines.entries()) {
    const isHead =
      /^\s*(export )?(default )?(async )?function\b|=>\s*\{$|^\s+(static |async |override |readonly |#)*[\w$#]+\([^)]*\)(: [^{]+)? \{$|^\s*\)(: .+)? \{$/.test(
        line,
      );
    if (!isHead || /^\s*(if|for|while|switch|catch)\b/.test(line)) continue;
    const indent = /^\s*/.exec(line)?.[0].length ?? 0;
    const close = lines.findIndex(
      (other, at) =>
        at > index && /^\s*[})\]]/.test(other) && (/^\s*/.exec(other)?.[0].length ?? 0) === indent,
    );
    if (close - index > MAX_FUNCTION_LINES)
      long.push(`${index + 1}: ${line.trim()} (${close - index} lines)`);
  }
  return long;
}

/** `src/base/ids.ts Ids`, for each name that a file takes from another; `src/base/ids.ts *`, where it takes all. */
function namesTaken(): ReadonlySet<string> {
  const taken = new Set<string>();
  const everywhere = ['src', 'console', 'tests', 'bench', 'demo', 'scripts'].flatMap(sourceFiles);
  const take = (path: string, specifier: string, name: string) =>
    taken.add(`${join(path, '..', specifier).replaceAll('\\', '/')} ${name}`);
  for (const { path, text } of everywhere) {
    for (const [, what = '', from = ''] of text.matchAll(
      /\b(?:import|export)\s+(?:type\s+)?(\*|[^;'"*]*?)(?:\s+as\s+\w+)?\s*from\s*'(\.[^']+)'/g,
    ))
      for (const name of what.replace(/[{}]/g, '').split(','))
        take(
          path,
          from,
          (
            name
              .trim()
              .replace(/^type\s+/, '')
              .split(/\s+as\s+/)[0] ?? ''
          ).trim(),
        );
    for (const [, from = ''] of text.matchAll(/\bimport\(\s*'(\.[^']+)'\s*\)/g)) take(path, from, '*');
  }
  return taken;
}

describe('tidy', () => {
  it('exports nothing that nobody takes', () => {
    const taken = namesTaken();
    // What stands in for a module of Node in browsers has the names of that module.
    const own = product.filter(({ path }) => path !== 'console/src/verify/buffer.ts');
    const idle = own.flatMap(({ path, text }) =>
      [...text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type|let) (\w+)/gm)].flatMap(
        ([, name]) => (taken.has(`${path} ${name}`) || taken.has(`${path} *`) ? [] : [`${path} ${name}`]),
      ),
    );
    expect(idle).toEqual([]);
  });

  it('keeps files short', () => {
    const long = files
      .map((file) => [file.path, file.text.split('\n').length - 1] as const)
      .filter(([, lines]) => lines > MAX_FILE_LINES);
    expect(long).toEqual([]);
  });

  it('keeps functions short', () => {
    const long = product.flatMap((file) => longFunctions(file.text).map((where) => `${file.path}:${where}`));
    expect(long).toEqual([]);
  });

  it('names files after a noun of the house', () => {
    expect(
      files.map((file) => file.path).filter((path) => BANNED_NAMES.test(path) || /[A-Z_]/.test(path)),
    ).toEqual([]);
  });

  it.each(BANNED)('bans $what: $why', ({ what, who }) => {
    const found = product.flatMap((file) =>
      file.text
        .split('\n')
        .flatMap((line, index) =>
          what.test(line) &&
          !/^\s*(\/\/|\*|\/\*)/.test(line) &&
          !who.some((prefix) => file.path.startsWith(prefix))
            ? [`${file.path}:${index + 1}`]
            : [],
        ),
    );
    expect(found).toEqual([]);
  });
});
