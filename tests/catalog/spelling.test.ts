import { describe, expect, test } from 'vitest';
import { loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';
import { misspeltIn } from '../../src/catalog/targets/spelling.ts';
import { problemsOf, WORLD } from '../../src/policy/sample-world.ts';

/** A rule about a target that can never be met protects nothing, and looks as if it did. */

const loaded = loadCatalogs([
  {
    name: 'c.yaml',
    text: `catalog: c
types:
  Repo: { id: "{owner}/{repo}" }
  Pull: { id: "{owner}/{repo}#{number}", parents: [{ type: Repo }] }
operations:
  merge: { risk: merge, effect: [update], reversibility: irreversible, audience: team, worst: w, targets: [{ type: Pull }] }
`,
  },
]);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
const lookAtTarget = misspeltIn(loaded.value);

const types = {
  ...WORLD.types,
  Url: { parents: [], attributes: ['host'] },
  Repo: { parents: [], attributes: [] },
  Pull: { parents: [], attributes: [] },
  MailAddress: { parents: [], attributes: [] },
};
const world = {
  ...WORLD,
  types,
  operations: WORLD.operations.map((one) => ({ ...one, targetTypes: [...Object.keys(types), 'Target'] })),
};

const warningsOf = (resource: string) =>
  problemsOf(`@id("x")\nforbid (principal, action, ${resource});`, world, { lookAtTarget });

describe('a target in a rule', () => {
  test.each([
    ['Path::"/srv/keys/"', 'is not how Lanyard writes it', 'write Path::"/srv/keys"'],
    ['Path::"/srv/work/../keys"', 'is not how Lanyard writes it', 'write Path::"/srv/keys"'],
    ['Path::"file:///srv/keys"', 'is not how Lanyard writes it', 'write Path::"/srv/keys"'],
    ['Url::"HTTPS://Example.org"', 'is not how Lanyard writes it', 'write Url::"https://example.org/"'],
    ['Repo::"Octo/Hello"', 'is not how Lanyard writes it', 'write Repo::"octo/hello"'],
    ['Repo::"Gitlab.com/octo/hello"', 'is not how Lanyard writes it', 'write Repo::"gitlab.com/octo/hello"'],
    ['Pull::"Octo/Hello#7"', 'is not how Lanyard writes it', 'write Pull::"octo/hello#7"'],
    [
      'MailAddress::"Bob <Bob@Example.org>"',
      'is not how Lanyard writes it',
      'write MailAddress::"bob@example.org"',
    ],
  ])('%s is told, with how it is written', (target, why, hint) => {
    expect(warningsOf(`resource in ${target}`)).toEqual([
      `2:40 warning no target is ever ${target}: it ${why} (${hint})`,
    ]);
  });

  test.each(['keys', '~/keys', 'C:\\\\keys'])('the path %s is told', (path) => {
    expect(warningsOf(`resource == Path::"${path}"`)).toEqual([
      expect.stringMatching(/^2:40 warning no target is ever Path::/),
    ]);
  });

  test.each([
    'Path::"/"',
    'Path::"/srv/keys"',
    'Path::"/srv/%2e.txt"',
    'Url::"https://example.org/"',
    'Repo::"octo/hello"',
    'Repo::"gitlab.com/octo/hello"',
    'Pull::"octo/hello#7"',
    // Of another shape than the catalog's: nothing can be told of it.
    'Pull::"Octo"',
    'MailAddress::"bob@example.org"',
    'Target::"Files"',
  ])('%s may be', (target) => {
    expect(warningsOf(`resource == ${target}`)).toEqual([]);
  });
});
