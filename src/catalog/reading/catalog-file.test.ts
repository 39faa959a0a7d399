import { describe, expect, test } from 'vitest';
import { type ActionMethod, leafOf } from '../../model/action.ts';
import { groupsOf, targetTypesOf } from '../entry.ts';
import { type Catalogs, loadCatalogs } from './catalog-file.ts';

const WHOLE = `catalog: forge
match: { package: ["@demo/forge"], url: ["https://forge.example/mcp"] }
roots: ["{argv[1]}"]
types:
  Repo: { id: "{owner}/{repo}", parents: [{ type: Org, id: "{owner}" }] }
  Pull: { id: "{owner}/{repo}#{number}", parents: [{ type: Repo }] }
operations:
  comment:
    risk: comment
    effect: [create, send]
    reversibility: externally-reversible
    audience: public
    worst: Insults a maintainer in public
    targets: [{ type: Pull }]
    texts: [body, "files[].content"]
    amount: { value: price.amount, currency: "EUR" }
    people: [author]
    changes: [review]
    state: { operation: get, arguments: { number: "{number}" }, version: updated_at }
    undo: { operation: get, arguments: { id: "{number}" } }
    source: trusted
    sensitivity: public
    secret: [token]
  get:
    risk: read
    effect: [read]
    reversibility: read-only
    audience: self
    worst: Reads what it should not
  resources/read:
    risk: read
    effect: [read]
    reversibility: read-only
    audience: self
    worst: Reads a file
    targets: [{ type: Path, id: "{uri}" }]
`;

function load(...texts: string[]): Catalogs {
  const result = loadCatalogs(texts.map((text, i) => ({ name: `${i}.yaml`, text })));
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 1));
  return result.value;
}

function problemsOf(...texts: string[]): string[] {
  const result = loadCatalogs(texts.map((text, i) => ({ name: `${i}.yaml`, text })));
  if (result.ok) return [];
  return result.error.map(
    ({ file, line, column, message, hint }) =>
      `${file}:${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

const operation = (fields: string, head = '') => `catalog: c\n${head}operations:\n  t: { ${fields} }\n`;
const BASE = 'risk: draft, effect: [update], reversibility: reversible, audience: self, worst: w';

describe('a catalog', () => {
  test('is read whole', () => {
    const catalog = load(WHOLE).get('forge');
    const entry = catalog?.operations.get('comment');
    expect(entry).toMatchObject({
      risk: 'comment',
      effect: ['create', 'send'],
      reversibility: 'externally-reversible',
      audience: 'public',
      source: 'trusted',
      sensitivity: 'public',
      texts: [
        { steps: [{ name: 'body', each: false }] },
        {
          steps: [
            { name: 'files', each: true },
            { name: 'content', each: false },
          ],
        },
      ],
      undo: { operation: 'get' },
      state: { operation: 'get', version: { steps: [{ name: 'updated_at', each: false }] } },
      amount: { currency: ['EUR'] },
    });
    expect(entry?.targets[0]?.parents).toMatchObject([{ type: 'Repo', parents: [] }]);
    expect(catalog?.roots).toEqual([{ kind: 'argument', index: 1, andFollowing: false }]);
  });

  test('that does not say what results are takes the dangerous reading', () => {
    expect(load(WHOLE).get('forge')?.operations.get('get')).toMatchObject({
      source: 'untrusted',
      sensitivity: 'secret',
    });
  });

  test('tells rules the types and what they lie in', () => {
    expect(load(WHOLE).types).toMatchObject({
      Path: { parents: ['Path'], attributes: ['id', 'name'] },
      Url: { attributes: ['id', 'scheme', 'host', 'port', 'path'] },
      Repo: { parents: ['Org'] },
      Pull: { parents: ['Repo'], attributes: ['id'] },
      Target: { parents: [] },
    });
  });

  test('only proposes itself, by package or by address', () => {
    const catalogs = load(WHOLE);
    expect(catalogs.propose('@demo/forge')).toEqual(['forge']);
    expect(catalogs.propose('https://forge.example/mcp/v1')).toEqual(['forge']);
    expect(catalogs.propose('https://forge.example/mcpx')).toEqual([]);
    expect(catalogs.propose('https://forge.example.evil/mcp')).toEqual([]);
    expect(catalogs.propose('@demo/forge2')).toEqual([]);
  });

  test('gives each method its entry, and a tool called like a member of Object none', () => {
    const operations = load(WHOLE).get('forge')?.operations;
    const entryOf = (method: ActionMethod, name: string) => operations?.get(leafOf({ method, name }));
    expect(entryOf('tools/call', 'get')?.risk).toBe('read');
    expect(entryOf('resources/read', 'file:///x')?.targets).toHaveLength(1);
    expect(entryOf('prompts/get', 'get')).toBeUndefined();
    expect(entryOf('tools/call', 'resources/read')).toBeDefined();
    expect(entryOf('tools/call', 'constructor')).toBeUndefined();
  });
});

describe('groups', () => {
  test('come from the entry alone', () => {
    const entry = load(WHOLE).get('forge')?.operations.get('comment');
    expect(groupsOf(entry, 'f')).toEqual([
      ...['risk:comment', 'effect:create', 'effect:send'],
      ...['audience:public', 'reversibility:externally-reversible'],
      ...['changes:review', 'names:people', 'names:money', 'upstream:f'],
    ]);
  });

  test('without an entry are unclassified and the upstream, whatever the server says of its tool', () => {
    // There is no way to hand in annotations: a readOnlyHint reaches neither function.
    expect(groupsOf.length).toBe(2);
    expect(groupsOf(undefined, 'f')).toEqual(['risk:unclassified', 'upstream:f']);
    expect(targetTypesOf(undefined)).toEqual(['Target']);
    const targets = 'targets: [{ type: A, id: "{a}", optional: true }]';
    expect(
      targetTypesOf(
        load(operation(`${BASE}, ${targets}`))
          .get('c')
          ?.operations.get('t'),
      ),
    ).toEqual(['A', 'Target']);
  });
});

describe('what is wrong with a catalog', () => {
  test('is said all at once, with places', () => {
    const text = `catalog: Forge!
matsch: {}
operations:
  "bad name": { risk: reed, effect: [], reversibility: reversible, audience: self }
  t:
    risk: draft
    efect: [update]
    reversibility: reversible
    audience: everyone
    worst: ""
`;
    expect(problemsOf(text)).toEqual([
      '0.yaml:2:1 the key `matsch` is not known in a catalog (did you mean `match`?)',
      '0.yaml:1:10 the catalog name `Forge!` must match ^[a-z][a-z0-9-]{0,31}$',
      expect.stringContaining('0.yaml:4:3 `bad name` is no name of an operation'),
      '0.yaml:4:15 the operation bad name needs `worst`',
      '0.yaml:4:23 risk must be one of read, draft, comment, merge, external (did you mean `read`?)',
      '0.yaml:4:37 effect must not be empty',
      '0.yaml:7:5 the key `efect` is not known in the operation t (did you mean `effect`?)',
      '0.yaml:6:5 the operation t needs `effect`',
      '0.yaml:9:15 audience must be one of self, team, named, public',
      '0.yaml:10:12 worst must be text, and not empty',
    ]);
  });

  test.each([
    [
      'a Path made of two parts',
      operation(`${BASE}, targets: [{ type: Path, id: "{dir}/{name}" }]`),
      'one argument alone',
    ],
    [
      'a Path that is fixed',
      operation(`${BASE}, targets: [{ type: Path, id: "/etc" }]`),
      'one argument alone',
    ],
    [
      'a Url with text around',
      operation(`${BASE}, targets: [{ type: Url, id: "https://x/{slug}" }]`),
      'one argument alone',
    ],
    [
      'a Repo of three parts',
      operation(`${BASE}, targets: [{ type: Repo, id: "{a}/{b}/{c}" }]`),
      'the id of a Repo',
    ],
    [
      'references without text between',
      operation(`${BASE}, targets: [{ type: Doc, id: "{a}{b}" }]`),
      'needs text between',
    ],
    ['a brace left open', operation(`${BASE}, targets: [{ type: Doc, id: "{a" }]`), 'does not close'],
    ['an empty reference', operation(`${BASE}, targets: [{ type: Doc, id: "{}" }]`), 'names no argument'],
    ['no id', operation(`${BASE}, targets: [{ type: Doc }]`), 'needs an `id`'],
    [
      'an element without each',
      operation(`${BASE}, targets: [{ type: Doc, id: "{.name}" }]`),
      'beside `each`',
    ],
    [
      'an each that is an element',
      operation(`${BASE}, targets: [{ type: Doc, each: ".x" }]`),
      'must name an argument',
    ],
    ['a taken type name', operation(`${BASE}, targets: [{ type: Agent, id: "{x}" }]`), 'is taken'],
    ['the type Target', operation(`${BASE}, targets: [{ type: Target, id: "{x}" }]`), 'is taken'],
    [
      'a type in small letters',
      operation(`${BASE}, targets: [{ type: doc, id: "{x}" }]`),
      'begin with a capital',
    ],
    [
      'a secret that is a target',
      operation(`${BASE}, secret: [key], targets: [{ type: Doc, id: "{id}-{key}" }]`),
      'part of a target',
    ],
    [
      'a secret that holds a target',
      operation(`${BASE}, secret: ["files[]"], targets: [{ type: Path, each: files, id: "{.path}" }]`),
      'part of a target',
    ],
    [
      'a read that deletes',
      operation('risk: read, effect: [read, delete], reversibility: irreversible, audience: self, worst: w'),
      'contradict',
    ],
    [
      'a read-only update',
      operation('risk: draft, effect: [update], reversibility: read-only, audience: self, worst: w'),
      'contradict',
    ],
    [
      'unclassified as a class',
      operation('risk: unclassified, effect: [read], reversibility: read-only, audience: self, worst: w'),
      'risk must be one of',
    ],
    ['an undo of another catalog', operation(`${BASE}, undo: { operation: tt }`), 'not in this catalog'],
    ['an effect named twice', operation(BASE.replace('[update]', '[update, update]')), 'twice'],
    ['a key named twice', operation(`${BASE}, risk: read`), 'unique'],
    [
      'a type in a circle',
      operation(
        `${BASE}, targets: [{ type: A }]`,
        'types: { A: { id: "{a}", parents: [{ type: B, id: "{b}" }] }, B: { parents: [{ type: A }] } }\n',
      ),
      'circle',
    ],
    [
      'parents of a Path',
      operation(BASE, 'types: { Path: { parents: [{ type: B, id: "{b}" }] } }\n'),
      'takes no others',
    ],
    ['a root that is none', operation(BASE, 'roots: ["./here"]\n'), 'names no root'],
    ['an anchor', operation(BASE, 'match: &m { package: [] }\n'), 'anchors'],
    ['an alias', operation(BASE, 'match: &m { package: [] }\nroots: *m\n'), 'aliases'],
    ['a tag', operation(BASE, 'match: !evil { package: [] }\n'), 'tags'],
    ['a key that is no text', operation(`${BASE}, 1: x`), 'a key must be text'],
    ['a second document', `${operation(BASE)}---\ncatalog: d\n`, 'second document'],
    ['no YAML', 'catalog: [', 'not the YAML'],
    ['an empty file', '', 'is empty'],
    ['a file of nothing but a comment', '# x\n', 'is empty'],
    ['no operations', 'catalog: c\n', 'needs `operations`'],
    ['a list for a map', '- catalog\n', 'a map of keys'],
    ['too much nesting', '['.repeat(200_000), 'YAML'],
    ['too many bytes', `# ${'x'.repeat(1024 * 1024)}`, 'larger than'],
  ])('%s is refused', (_, text, why) => {
    expect(problemsOf(text).join('\n')).toContain(why);
  });

  test('includes an optional target that could not be left out, and any word but true', () => {
    const problem = (target: string) =>
      problemsOf(operation(`${BASE}, targets: [{ ${target} }]`))
        .join()
        .replace(/^0\.yaml:\d+:\d+ /, '');
    expect(problem('type: G, id: graph, optional: true')).toMatch(/cannot be `optional`/);
    for (const word of ['false', '"true"', 'yes', '1', '[true]'])
      expect(problem(`type: G, id: "{a}", optional: ${word}`)).toBe('`optional` is `true`, or not there');
    expect(problem('type: P, each: p, optional: true')).toBe('');
  });

  test('includes a name that two files have', () => {
    expect(problemsOf(operation(BASE), operation(BASE))).toEqual([
      '1.yaml:1:1 the catalog `c` stands in 0.yaml already',
    ]);
  });

  test('leaves no catalog at all', () => {
    expect(
      loadCatalogs([
        { name: 'a', text: WHOLE },
        { name: 'b', text: 'x' },
      ]).ok,
    ).toBe(false);
  });
});
