import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { type ActionMethod, type Attempt, leafOf } from '../../model/action.ts';
import type { FileView } from '../files.ts';
import { loadCatalogs } from '../reading/catalog-file.ts';
import { resolveTargets } from './targets.ts';

const CATALOG = `catalog: c
types:
  Repo: { id: "{owner}/{repo}", parents: [{ type: Org, id: "{owner}" }] }
  Pull: { id: "{owner}/{repo}#{number}", parents: [{ type: Repo }] }
  Blob: { id: "{owner}/{repo}@{branch}:{.path}", parents: [{ type: Repo }] }
operations:
  move: { <<>>, targets: [{ type: Path, id: "{source}" }, { type: Path, id: "{destination}" }] }
  readAll: { <<>>, targets: [{ type: Path, each: paths }] }
  nested: { <<>>, targets: [{ type: Path, each: job.files, id: "{.path}" }] }
  open: { <<>>, targets: [{ type: Url, id: "{page.url}" }] }
  comment: { <<>>, targets: [{ type: Pull }] }
  push: { <<>>, targets: [{ type: Blob, each: files }] }
  clone: { <<>>, targets: [{ type: Repo, id: "{url}" }] }
  create: { <<>>, targets: [{ type: Repo }] }
  graph: { <<>>, targets: [{ type: Graph, id: memory }] }
  note: { <<>>, targets: [{ type: Note, id: "{file}:{line}" }, { type: Path, id: "{file}" }] }
  none: { <<>> }
  issue: { <<>>, targets: [{ type: Repo }, { type: Issue, id: "{owner}/{repo}#{issue}", optional: true }] }
  mail: { <<>>, targets: [{ type: MailAddress, each: to }, { type: MailAddress, id: "{from}", optional: true }] }
  project: { <<>>, targets: [{ type: Org, id: "{owner}" }, { type: Project, id: "{owner}/{number}" }] }
  space: { <<>>, targets: [{ type: Space, id: "{owner}/{name}" }] }
  attach: { <<>>, targets: [{ type: Path, each: files, optional: true }, { type: Page, id: "{page}", optional: true }] }
  resources/read: { <<>>, targets: [{ type: Path, id: "{uri}" }] }
`.replaceAll('<<>>', 'risk: draft, effect: [update], reversibility: reversible, audience: self, worst: w');

const loaded = loadCatalogs([{ name: 'c.yaml', text: CATALOG }]);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
const catalog = loaded.value.get('c');

/** A file system of a few names: `/srv/link` leads to `/data`. Real ones are in tests/catalog/path.test.ts. */
const REAL: Readonly<Record<string, string>> = {
  '/': '/',
  '/srv': '/srv',
  '/srv/a': '/srv/a',
  '/srv/link': '/data',
  '/data': '/data',
};
const files: FileView = {
  realpath: (path) => REAL[path] ?? null,
  present: (path) => REAL[path] !== undefined,
  names: () => [],
};

function attempt(name: string, args: JsonObject, method: ActionMethod = 'tools/call'): Attempt {
  return { agent: 'a', session: 's', token: null, door: 'mcp', upstream: 'u', method, name, arguments: args };
}

function resolve(name: string, args: JsonObject, method?: ActionMethod) {
  const made = attempt(name, args, method);
  return resolveTargets(
    catalog?.operations.get(leafOf(made)),
    made,
    { upstream: 'u', roots: ['/srv'], cwd: '/home' },
    files,
  );
}

function resolved(name: string, args: JsonObject, method?: ActionMethod) {
  const result = resolve(name, args, method);
  if (!result.ok) throw new Error(result.error.sentence);
  return { ids: result.value.targets.map(({ type, id }) => `${type} ${id}`), sent: result.value.arguments };
}

describe('an optional target', () => {
  test('is there where its argument is, and left out where that is absent or null', () => {
    const both = { owner: 'Octo', repo: 'hello', issue: 7 };
    expect(resolved('issue', both).ids).toEqual(['Repo octo/hello', 'Issue octo/hello#7']);
    for (const issue of [{}, { issue: null }])
      expect(resolved('issue', { owner: 'o', repo: 'r', ...issue }).ids).toEqual(['Repo o/r']);
  });

  test('takes none of the others away: what must be there still denies', () => {
    expect(resolve('issue', { owner: 'o', issue: 7 })).toMatchObject({ error: { code: 'TARGET_UNKNOWN' } });
  });

  test('denies where its argument is there and no good: empty, of another type, an empty list', () => {
    for (const issue of ['', 1.5, true, {}, []])
      expect(resolve('issue', { owner: 'o', repo: 'r', issue })).toMatchObject({
        error: { code: 'TARGET_UNKNOWN' },
      });
    for (const files of [[], 'a', [null]])
      expect(resolve('attach', { files })).toMatchObject({ error: { code: 'TARGET_UNKNOWN' } });
  });

  test('is normalised like any other, and leaves the upstream where nothing is named', () => {
    expect(resolved('attach', { files: ['link/x'], page: 'p' })).toEqual({
      ids: ['Path /data/x', 'Page p'],
      sent: { files: ['/data/x'], page: 'p' },
    });
    expect(resolved('attach', { other: 1 }).ids).toEqual(['Target u']);
  });
});

describe('targets', () => {
  test('without an entry, or of one that names none, are the upstream', () => {
    for (const name of ['none', 'unheard-of']) {
      expect(resolve(name, { path: '../x' })).toEqual({
        ok: true,
        value: {
          targets: [{ type: 'Target', id: 'u', ancestors: [], attributes: { id: 'u' } }],
          arguments: { path: '../x' },
        },
      });
    }
  });

  test('are all that the action touches, and what is sent is what was decided on', () => {
    expect(resolved('move', { source: 'a', destination: 'link/new', other: 1 })).toEqual({
      ids: ['Path /srv/a', 'Path /data/new'],
      sent: { source: '/srv/a', destination: '/data/new', other: 1 },
    });
  });

  test('leave arguments that are normal already as they are, to the object', () => {
    const args = { source: '/srv/a', destination: '/srv/b' };
    expect(resolved('move', args).sent).toBe(args);
  });

  test('never change what arrived', () => {
    const args = { paths: ['a', 'link'] };
    expect(resolved('readAll', args).sent).toEqual({ paths: ['/srv/a', '/data'] });
    expect(args).toEqual({ paths: ['a', 'link'] });
  });

  test('come one for each element, each once', () => {
    expect(resolved('readAll', { paths: ['a', './a', '/srv/a'] }).ids).toEqual(['Path /srv/a']);
    expect(resolved('nested', { job: { files: [{ path: 'a', x: 1 }, { path: 'b' }] } })).toEqual({
      ids: ['Path /srv/a', 'Path /srv/b'],
      sent: { job: { files: [{ path: '/srv/a', x: 1 }, { path: '/srv/b' }] } },
    });
  });

  test('of composed ids lie in their parents, all the way up', () => {
    const result = resolve('comment', { owner: 'Octo', repo: 'Hello.git', number: 7 });
    expect(result).toMatchObject({ ok: true, value: { targets: [{ type: 'Pull', id: 'octo/hello#7' }] } });
    if (result.ok) {
      expect(result.value.targets[0]?.ancestors).toEqual([
        { type: 'Repo', id: 'octo/hello' },
        { type: 'Org', id: 'octo' },
      ]);
      expect(result.value.arguments).toEqual({ owner: 'Octo', repo: 'Hello', number: 7 });
    }
    expect(
      resolved('push', { owner: 'o', repo: 'r', branch: 'main', files: [{ path: 'x/y' }, { path: 'z' }] })
        .ids,
    ).toEqual(['Blob o/r@main:x/y', 'Blob o/r@main:z']);
  });

  test.each([
    ['comment', { owner: 'OCTO', repo: 'heLLo', number: 7 }, ['Pull octo/hello#7']],
    [
      'push',
      { owner: 'Octo', repo: 'Hello', branch: 'Main', files: [{ path: 'A' }] },
      ['Blob octo/hello@Main:A'],
    ],
    // Beside a target that says that it is one, without lying in it.
    ['issue', { owner: 'Octo', repo: 'Hello.git', issue: 7 }, ['Repo octo/hello', 'Issue octo/hello#7']],
    ['project', { owner: 'Octo', number: 7 }, ['Org octo', 'Project octo/7']],
    // What is no part of a repository is compared letter by letter.
    ['space', { owner: 'Octo', name: 'Hello' }, ['Space Octo/Hello']],
  ])('of ids that begin with a repository have it as the service sees it: %s %j', (name, args, ids) => {
    expect(resolved(name, args).ids).toEqual(ids);
  });

  test.each([
    '../../production/contents/deploy.sh',
    'docs/../../../production/contents/x',
    '..',
    'a/..',
    './README.md',
    'docs/./README.md',
    '..\\..\\x',
    '%2e%2e/x',
    '.%2E%2fx',
    'a%2f..%2Fx',
    '.\t./x',
  ])('within a repository are none by the path %j, which leads out of it', (path) => {
    const args = { owner: 'octo', repo: 'sandbox', branch: 'b', files: [{ path }] };
    expect(resolve('push', args)).toMatchObject({ error: { code: 'TARGET_UNKNOWN' } });
    expect(resolve('attach', { page: path })).toMatchObject({ error: { code: 'TARGET_UNKNOWN' } });
  });

  test.each(['.', '...', 'a..b', '.github/x', 'app/[...slug]/page.tsx', 'v1..v2', 'a/..b', 'x/.', '50%'])(
    'within a repository may be called %j',
    (path) => {
      const args = { owner: 'o', repo: 'r', branch: 'b', files: [{ path }] };
      expect(resolved('push', args).ids).toEqual([`Blob o/r@b:${path}`]);
    },
  );

  test('that are mail addresses are one each, and sent without the name before them', () => {
    expect(resolved('mail', { to: ['Bob <Bob@Example.ORG>', 'eve@evil.example'] })).toEqual({
      ids: ['MailAddress bob@example.org', 'MailAddress eve@evil.example'],
      sent: { to: ['Bob@example.org', 'eve@evil.example'] },
    });
    // A permit for everybody at example.org would let it through.
    for (const to of ['eve@evil.example, bob@example.org', 'eve@evil.example <bob@example.org>'])
      expect(resolve('mail', { to: [to] })).toMatchObject({ error: { code: 'TARGET_UNKNOWN' } });
  });

  test('of an id made from a path that is rewritten use what is sent', () => {
    expect(resolved('note', { file: './a', line: 3 })).toEqual({
      ids: ['Note /srv/a:3', 'Path /srv/a'],
      sent: { file: '/srv/a', line: 3 },
    });
  });

  test('that are repositories are sent in the form they came in, without .git', () => {
    expect(resolved('clone', { url: 'https://github.com/Octo/Hello.git' })).toEqual({
      ids: ['Repo octo/hello'],
      sent: { url: 'https://github.com/Octo/Hello' },
    });
    expect(resolved('create', { owner: 'Octo', repo: 'New' }).sent).toEqual({ owner: 'Octo', repo: 'New' });
  });

  test('that are addresses are sent in normal form', () => {
    expect(resolved('open', { page: { url: 'HTTP://Example.org:80/%61#x' } })).toEqual({
      ids: ['Url http://example.org/a'],
      sent: { page: { url: 'http://example.org/a' } },
    });
  });

  test('that are fixed need no argument', () => {
    expect(resolved('graph', {}).ids).toEqual(['Graph memory']);
  });

  test('of a resource that is a file are sent as file: URI, of a tool as plain path', () => {
    expect(
      resolved(
        'file:///srv/link',
        { uri: 'file:///srv/link/50%25 \u00e9'.replace(' ', '%20') },
        'resources/read',
      ),
    ).toEqual({
      ids: ['Path /data/50% \u00e9'],
      sent: { uri: 'file:///data/50%25%20%C3%A9' },
    });
    expect(resolved('readAll', { paths: ['file:///srv/link'] }).sent).toEqual({ paths: ['/data'] });
    expect(resolve('/srv/a', { uri: '/srv/a' }, 'resources/read')).toMatchObject({
      ok: false,
      error: { code: 'TARGET_UNKNOWN' },
    });
  });
});

describe('a target that cannot be told denies', () => {
  test.each<[string, string, JsonObject]>([
    ['absent', 'move', { source: 'a' }],
    ['null', 'move', { source: 'a', destination: null }],
    ['a number', 'move', { source: 'a', destination: 1 }],
    ['a list', 'move', { source: 'a', destination: ['b'] }],
    ['an object', 'move', { source: 'a', destination: { toString: 'b' } }],
    ['empty', 'move', { source: 'a', destination: '' }],
    ['inherited', 'open', { page: {} }],
    ['deeper than what is there', 'open', { page: 'https://example.org/' }],
    ['a list that is none', 'readAll', { paths: 'a' }],
    ['a list that is missing', 'readAll', {}],
    ['an empty list', 'readAll', { paths: [] }],
    ['one bad element', 'readAll', { paths: ['a', '~/x'] }],
    ['an element that is no object', 'nested', { job: { files: ['a'] } }],
    ['an owner that holds a slash', 'comment', { owner: 'o/r', repo: 'x', number: 1 }],
    ['a repository that holds the mark after it', 'comment', { owner: 'o', repo: 'r#1', number: 2 }],
    [
      'a branch that holds the mark after it',
      'push',
      { owner: 'o', repo: 'r', branch: 'a:b', files: [{ path: 'c' }] },
    ],
    ['a fraction', 'comment', { owner: 'o', repo: 'r', number: 1.5 }],
    ['true', 'comment', { owner: 'o', repo: 'r', number: true }],
    ['a repository that is a number', 'create', { owner: 'o', repo: 1 }],
    ['too long', 'push', { owner: 'o', repo: 'r', branch: 'b', files: [{ path: 'x'.repeat(5000) }] }],
  ])('%s', (_, name, args) => {
    expect(resolve(name, args)).toMatchObject({
      ok: false,
      error: { code: 'TARGET_UNKNOWN', sentence: expect.stringContaining(`mcp:u/${name}`) },
    });
  });

  test('too many', () => {
    const paths = Array.from({ length: 257 }, (_, i) => `f${i}`);
    expect(resolve('readAll', { paths })).toMatchObject({ ok: false, error: { code: 'TOO_MANY_TARGETS' } });
    expect(resolved('readAll', { paths: paths.slice(1) }).ids).toHaveLength(256);
    expect(resolve('readAll', { paths: paths.map(() => 'a') })).toMatchObject({
      ok: false,
      error: { code: 'TOO_MANY_TARGETS' },
    });
  });
});
