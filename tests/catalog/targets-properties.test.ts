import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../src/base/canonical.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import type { FileView } from '../../src/catalog/files.ts';
import { loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';
import { resolveTargets } from '../../src/catalog/targets/targets.ts';
import { type Attempt, leafOf } from '../../src/model/action.ts';

const BASE = 'risk: draft, effect: [update], reversibility: reversible, audience: self, worst: w';
const CATALOG = `catalog: c
types:
  Pull: { id: "{owner}/{repo}#{number}", parents: [{ type: Repo, id: "{owner}/{repo}" }] }
  Free: { id: "{a}--{b}::{c}" }
operations:
  files: { ${BASE}, targets: [{ type: Path, each: paths }, { type: Path, id: "{to.path}" }] }
  pull: { ${BASE}, targets: [{ type: Pull }] }
  free: { ${BASE}, targets: [{ type: Free }] }
  page: { ${BASE}, targets: [{ type: Url, id: "{url}" }, { type: Repo, id: "{repo}" }] }
`;
const loaded = loadCatalogs([{ name: 'c.yaml', text: CATALOG }]);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
const catalog = loaded.value.get('c');

/** A file system in which nothing but the root exists. */
const empty: FileView = {
  realpath: (path) => (path === '/' ? '/' : null),
  present: () => false,
  names: () => [],
};

function resolve(name: string, args: JsonObject) {
  const attempt: Attempt = {
    agent: 'a',
    session: 's',
    token: 't1',
    door: 'mcp',
    upstream: 'u',
    method: 'tools/call',
    name,
    arguments: args,
  };
  return resolveTargets(
    catalog?.operations.get(leafOf(attempt)),
    attempt,
    { upstream: 'u', roots: [], cwd: '/' },
    empty,
  );
}

const jsonValue = fc.json({ maxDepth: 2 }).map((text): Json => JSON.parse(text));
const word = fc.oneof(
  fc.constantFrom(
    'o',
    'Octo',
    'r.git',
    '..',
    '',
    'a/b',
    '#',
    '-',
    '--',
    ':',
    '::',
    'a-',
    '-b',
    '~',
    '~/x',
    '/etc/x',
    'file:///a%2520b',
    'https://x.example/%7e',
    'git@h.example:o/r',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.webUrl(),
);
const value = fc.oneof(
  { weight: 6, arbitrary: word },
  { weight: 2, arbitrary: fc.integer() },
  { weight: 1, arbitrary: jsonValue },
);
const args = fc.record(
  {
    owner: fc.oneof(fc.constantFrom('Octo', 'o'), value),
    repo: fc.oneof(fc.constantFrom('r', 'o/r.git', 'https://h.example/o/r.git'), value),
    number: fc.oneof(fc.nat(), value),
    a: value,
    b: value,
    c: value,
    url: fc.oneof(fc.webUrl({ withFragments: true }), value),
    paths: fc.oneof(fc.array(value, { maxLength: 4 }), jsonValue),
    to: fc.oneof(fc.record({ path: value }), jsonValue),
    other: jsonValue,
  },
  { requiredKeys: [] },
);

describe('whatever the arguments', () => {
  test('targets are told or denied, never thrown; what is sent, resolved again, is itself', () => {
    const told: Record<string, number> = {};
    fc.assert(
      fc.property(fc.constantFrom('files', 'pull', 'free', 'page'), args, (name, given) => {
        if (!isJsonObject(given)) return;
        const before = canonicalize(given);
        const result = resolve(name, given);
        expect(canonicalize(given)).toBe(before);
        if (!result.ok) {
          expect(['TARGET_UNKNOWN', 'TOO_MANY_TARGETS']).toContain(result.error.code);
          return;
        }
        told[name] = (told[name] ?? 0) + 1;
        expect(result.value.targets.length).toBeGreaterThan(0);
        const again = resolve(name, result.value.arguments);
        expect(again).toEqual(result);
        expect(canonicalize(result.value.arguments['other'] ?? null)).toBe(
          canonicalize(given['other'] ?? null),
        );
      }),
      { numRuns: 3000 },
    );
    for (const name of ['files', 'pull', 'free', 'page']) expect(told[name] ?? 0, name).toBeGreaterThan(5);
  });

  test('two that differ in what an id is made of have different ids', () => {
    const part = fc.oneof(
      fc.constantFrom('a', '-', '--', ':', '::', 'a-', '-a', ':-'),
      fc.string({ maxLength: 3 }),
    );
    const parts = fc.tuple(part, part, part);
    let compared = 0;
    fc.assert(
      fc.property(parts, parts, (one, two) => {
        const [x, y] = [one, two].map(([a, b, c]) => resolve('free', { a, b, c }));
        if (x === undefined || y === undefined || !x.ok || !y.ok) return;
        compared++;
        expect(x.value.targets[0]?.id === y.value.targets[0]?.id).toBe(one.join('\0') === two.join('\0'));
      }),
      { numRuns: 5000 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});
