import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { GrantUses } from './grants.ts';
import { Faults } from './report.ts';

const of = { grant: 'g', agent: 'writer', operation: 'mcp:box/write' };
const at = (minute: number) => ({ at: `2026-11-28T10:${String(minute).padStart(2, '0')}:00.000Z` });
const GIVEN = { kind: 'grant.given', ...of, ...at(0), times: 1, expires: '2026-11-28T10:10:00.000Z' };
const SPENT = { kind: 'grant.spent', ...of, ...at(5), action: 'a', use: 1 };
const ALLOWED = { kind: 'action.decided', decision: 'allow', grant: 'g', action: 'a' };

function faultsOf(...entries: readonly JsonObject[]): readonly (number | null)[] {
  const faults = new Faults();
  const uses = new GrantUses(faults);
  for (const [seq, entry] of entries.entries()) uses.see(entry, seq);
  return faults.kept.map(({ code, from }) => (code === 'bad-grant' ? from : null));
}

describe('P6 the uses of grants, read offline', () => {
  it.each<[string, readonly JsonObject[], readonly number[]]>([
    ['as it should be', [GIVEN, SPENT, ALLOWED], []],
    ['more often than granted', [GIVEN, SPENT, ALLOWED, { ...SPENT, action: 'b' }], [3]],
    ['never given', [SPENT, ALLOWED], [0]],
    ['after it was taken back', [GIVEN, { kind: 'grant.revoked', grant: 'g' }, SPENT, ALLOWED], [2]],
    ['in the commit after it ran out', [GIVEN, { ...SPENT, ...at(11) }, ALLOWED], []],
    ['after it ran out', [GIVEN, { ...SPENT, ...at(12) }, ALLOWED], [1]],
    ['at a time that is none', [GIVEN, { ...SPENT, at: 'soon' }, ALLOWED], [1]],
    ['given without an end', [{ ...GIVEN, expires: null }, SPENT, ALLOWED], [1]],
    ['by another agent', [GIVEN, { ...SPENT, agent: 'other' }], [1]],
    ['for another operation', [GIVEN, { ...SPENT, operation: 'mcp:box/post' }], [1]],
    ['allowed and not counted', [GIVEN, ALLOWED], [1]],
    ['counted once and allowed twice', [GIVEN, SPENT, ALLOWED, ALLOWED], [3]],
  ])('%s', (_, entries, found) => {
    expect(faultsOf(...entries)).toEqual(found);
  });
});
