import { describe, expect, it } from 'vitest';
import { REQUIREMENTS } from './requirements.ts';
import { isTest, sourceFiles } from './source-tree.ts';

const tests = new Map(
  [...sourceFiles('src'), ...sourceFiles('tests')]
    .filter((file) => isTest(file.path))
    .map((file) => [file.path, file.text]),
);

/** Titles of groups and tests, with what stands before the opening bracket: `test`, `describe.each([…])` and the like. */
function titlesOf(text: string): Map<string, string> {
  const titles = new Map<string, string>();
  const pattern =
    /(?:^|\n)\s*((?:test|it|describe)\b[\s\S]{0,400}?)\(\s*(['"`])((?:\\.|(?!\2)[^\\])*)\2\s*,/g;
  for (const [, head = '', , title = ''] of text.matchAll(pattern))
    titles.set(title.replace(/\\(.)/g, '$1'), head);
  return titles;
}

describe('the promises', () => {
  it('are nine, in order', () => {
    expect(REQUIREMENTS.map(({ id }) => id)).toEqual(['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9']);
  });

  it.each(REQUIREMENTS)('$id is tested, or says what is still to come', ({ tests: named, toCome }) => {
    if (toCome === undefined) expect(Object.keys(named).length).toBeGreaterThan(0);
    else expect(toCome.length).toBeGreaterThan(10);
  });

  const named = REQUIREMENTS.flatMap(({ id, tests: files }) =>
    Object.entries(files).flatMap(([file, titles]) => titles.map((title) => ({ id, file, title }))),
  );
  it.each(named)('$id: "$title" is there, runs, and carries the id', ({ id, file, title }) => {
    const head = titlesOf(tests.get(file) ?? '').get(title);
    expect(head, `${file} has no such test; was it renamed?`).toBeDefined();
    expect(head).not.toMatch(/\.(skip|todo|fails|runIf|skipIf)\b/);
    expect(title).toMatch(new RegExp(`\\b${id}\\b`));
  });

  it('are named by no test that is not listed here', () => {
    const listed = new Set(named.map(({ file, title }) => `${file}: ${title}`));
    const inLongSuites = /^tests\/(faults\/long|sabotage\/all|agents)\//;
    const missing = [...tests]
      .filter(([file]) => !inLongSuites.test(file))
      .flatMap(([file, text]) => [...titlesOf(text).keys()].map((title) => `${file}: ${title}`))
      .filter((name) => /: P[1-9]\b/.test(name) && !listed.has(name));
    expect(missing).toEqual([]);
  });
});
