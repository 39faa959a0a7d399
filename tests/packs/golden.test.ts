import { describe, expect, test } from 'vitest';
import { decideGolden, loadShipped, packNames, readShippedPack } from './pack-world.ts';

const starter = readShippedPack('starter');

// A pack without rules of its own is held to those of starter, as `policy test` does where both are listed.
describe.each(packNames().filter((name) => !['starter', 'triggers', 'breakers'].includes(name)))(
  'the pack %s',
  (name) => {
    const pack = readShippedPack(name);
    const catalogs = loadShipped([starter, pack]);

    test('brings no rules: those of starter hold for it', () => expect(pack.policies).toEqual([]));

    test.each(pack.tests.map(({ name: file, text }) => ({ file, text })))(
      'keeps its golden cases: $file',
      ({ text }) => {
        const results = decideGolden(text, starter.policies, catalogs);
        expect(results.filter((result) => !result.ok)).toEqual([]);
        expect(results.length).toBeGreaterThan(3);
      },
    );

    test('has one for each of its catalogs that is held, and one that is allowed', () => {
      const golden = pack.tests.map(({ text }) => text).join('\n');
      for (const { name: file } of pack.catalog)
        expect(golden).toContain(`mcp:${file.slice('catalog/'.length, -'.yaml'.length)}/`);
      expect(golden).toMatch(/^review /m);
      expect(golden).toMatch(/^allow/m);
    });
  },
);
