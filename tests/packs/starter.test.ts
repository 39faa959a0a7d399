import { describe, expect, test } from 'vitest';
import { WAY_OUT } from '../../src/model/action.ts';
import { loadPolicies } from '../../src/policy/index.ts';
import { decideGolden, loadShipped, readShippedPack, worldOf } from './pack-world.ts';

const pack = readShippedPack('starter');
const catalogs = loadShipped([pack]);
const world = worldOf(catalogs);

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
        operations: world.operations.filter(({ upstream }) => [...ids, WAY_OUT].includes(upstream)),
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
      const results = decideGolden(text, pack.policies, catalogs);
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
