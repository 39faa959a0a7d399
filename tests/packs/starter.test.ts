import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ok } from '../../src/base/result.ts';
import { entryOf, loadCatalogs } from '../../src/catalog/catalog-file.ts';
import { groupsOf, targetTypesOf } from '../../src/catalog/entry.ts';
import { readPack } from '../../src/catalog/pack.ts';
import { resolveTargets } from '../../src/catalog/targets.ts';
import { machineFiles } from '../../src/main/files.ts';
import type { Attempt } from '../../src/model/action.ts';
import { loadPolicies, runGolden, type World, type WorldOperation } from '../../src/policy/index.ts';

const DIRECTORY = join(import.meta.dirname, '../../packs/starter');

function readStarter() {
  const names = readdirSync(DIRECTORY, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(DIRECTORY.length + 1));
  const pack = readPack(names.map((name) => ({ name, text: readFileSync(join(DIRECTORY, name), 'utf8') })));
  if (!pack.ok) throw new Error(JSON.stringify(pack.error, null, 1));
  return pack.value;
}

const pack = readStarter();
const catalogs = loadCatalogs(pack.catalog);
if (!catalogs.ok) throw new Error(JSON.stringify(catalogs.error, null, 1));

/** An upstream for each catalog, called like it, and one of which nothing is known. */
function createWorld(): World {
  const names = catalogs.ok ? catalogs.value.names() : [];
  const operations = names.flatMap((upstream) => {
    const catalog = catalogs.ok ? catalogs.value.get(upstream) : undefined;
    return [...(catalog?.operations ?? [])].map(([name, entry]): WorldOperation => {
      const kind = name === 'resources/read' ? 'resource' : name === 'prompts/get' ? 'prompt' : 'tool';
      const inputSchema = kind === 'tool' ? { type: 'object', additionalProperties: true } : null;
      return {
        id: `mcp:${upstream}/${name}`,
        upstream,
        groups: groupsOf(entry, upstream),
        inputSchema,
        kind,
        targetTypes: targetTypesOf(entry),
      };
    });
  });
  const unknown: WorldOperation = {
    id: 'mcp:unknown/frobnicate',
    upstream: 'unknown',
    groups: groupsOf(undefined, 'unknown'),
    inputSchema: { type: 'object' },
    kind: 'tool',
    targetTypes: targetTypesOf(undefined),
  };
  return {
    people: [{ id: 'ada', name: 'Ada', roles: ['owner'] }],
    agents: [
      {
        id: 'coder',
        owner: 'ada',
        purpose: 'p',
        level: 'live',
        teams: [],
        limits: { inFlight: 1, attemptsPerMinute: 1, logBytesPerDay: 1 },
      },
    ],
    operations: [...operations, unknown],
    upstreams: [...names, 'unknown'].map((id) => ({ id, pinned: true })),
    types: catalogs.ok ? catalogs.value.types : {},
  };
}

const world = createWorld();

describe('the pack starter', () => {
  test('loads without a warning', () => {
    const loaded = loadPolicies(pack.policies, world);
    expect(loaded).toMatchObject({ ok: true });
    if (loaded.ok) expect(loaded.value.warnings).toEqual([]);
  });

  test('loads where only some of the servers are in use, or none was seen yet', () => {
    for (const ids of [['filesystem'], ['publisher', 'websearch'], []]) {
      const some = {
        ...world,
        operations: world.operations.filter(({ upstream }) => ids.includes(upstream)),
        upstreams: [...ids.map((id) => ({ id, pinned: true })), { id: 'later', pinned: false }],
      };
      const loaded = loadPolicies(pack.policies, some);
      expect(loaded.ok ? [] : loaded.error.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(loaded.ok).toBe(true);
    }
  });

  test('names groups and types only, so it holds for any upstream', () => {
    for (const { text } of pack.policies) {
      const rules = text.replaceAll(/\/\/.*/g, '');
      expect(rules).not.toMatch(/mcp:|upstream:|Agent::|Person::/);
    }
  });

  test.each(pack.tests.map(({ name, text }) => ({ name, text })))(
    'keeps its golden cases: $name',
    ({ text }) => {
      const results = runGolden(text, {
        files: pack.policies,
        world,
        targetsOf(operation, args, named) {
          if (named.length > 0)
            return ok(named.map((ref) => ({ ...ref, ancestors: [], attributes: { id: ref.id } })));
          const [, upstream = '', name = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
          const catalog = catalogs.ok ? catalogs.value.get(upstream) : undefined;
          const attempt: Attempt = {
            agent: 'coder',
            session: 's',
            door: 'mcp',
            upstream,
            method: 'tools/call',
            name,
            arguments: args,
          };
          const resolved = resolveTargets(
            entryOf(catalog, attempt),
            attempt,
            { upstream, roots: [], cwd: '/' },
            machineFiles,
          );
          return resolved.ok ? ok(resolved.value.targets) : { ok: false, error: resolved.error.sentence };
        },
      });
      expect(results.filter((result) => !result.ok)).toEqual([]);
      expect(results.length).toBeGreaterThan(10);
    },
  );

  test('has a case for every class of operation', () => {
    const golden = pack.tests.map(({ text }) => text).join('\n');
    const classes = new Set(
      world.operations
        .filter(({ id }) => golden.includes(`${id} `))
        .flatMap(({ groups }) => groups.filter((group) => group.startsWith('risk:'))),
    );
    expect([...classes].sort()).toEqual([
      'risk:comment',
      'risk:draft',
      'risk:external',
      'risk:merge',
      'risk:read',
      'risk:unclassified',
    ]);
  });
});
