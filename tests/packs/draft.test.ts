import { describe, expect, test } from 'vitest';
import { COMPARED } from './draft-comparison.ts';
import { compareAll } from './drafted.ts';
import { loadShipped, packNames, readShippedPack } from './pack-world.ts';

const compared = compareAll(loadShipped(packNames().map(readShippedPack)));

/** Where a draft says less than a person did, and why a name and a schema cannot tell. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'effect atlassian/confluence_update_page_section':
    'it replaces a section whole, which only its description says; it is held all the same',
};

describe('drafts beside what a person wrote', () => {
  test('are compared for every tool of which there are facts', () => {
    expect(compared.length).toBeGreaterThan(490);
  });

  test.each(['risk', 'effect'] as const)('are nowhere laxer in %s, but where it is explained', (field) => {
    const laxer = compared
      .filter(({ verdicts }) => verdicts[field] === 'laxer')
      .map(({ catalog, tool }) => `${field} ${catalog}/${tool}`);
    expect(laxer).toEqual(Object.keys(EXPLAINED).filter((key) => key.startsWith(`${field} `)));
  });

  test('are nowhere laxer in what can be taken back, who sees it, and what results are', () => {
    for (const field of ['reversibility', 'audience', 'source', 'sensitivity'] as const)
      expect(
        compared.filter(({ verdicts }) => verdicts[field] === 'laxer').map(({ tool }) => `${field} ${tool}`),
      ).toEqual([]);
  });

  test('take no tool for a look that a person would not', () => {
    const wrong = compared.filter(({ hand, draft }) => draft['risk'] === 'read' && hand['risk'] !== 'read');
    expect(wrong.map(({ catalog, tool }) => `${catalog}/${tool}`)).toEqual([]);
  });

  test('are of use: of what only looks, nine in ten are drafted so, and half of all classes are as a person has them', () => {
    const looks = compared.filter(({ hand }) => hand['risk'] === 'read');
    expect(looks.filter(({ draft }) => draft['risk'] === 'read').length / looks.length).toBeGreaterThan(0.88);
    const equal = compared.filter(({ verdicts }) => verdicts.risk === 'equal').length / compared.length;
    expect(equal).toBeGreaterThan(0.5);
    expect(COMPARED).toContain('risk');
  });
});
