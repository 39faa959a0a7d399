import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { Proofs } from './proofs.ts';
import { Faults } from './report.ts';

/** What is signed well and badly is tested through a whole instance (tests/journeys/people/signatures.test.ts). */

const CLAIM = { kind: 'person.enrolled', by: 'claim', subject: 'ada', credential: 'k', recovery: [] };

function unprovenIn(...entries: readonly JsonObject[]): readonly (number | null)[] {
  const faults = new Faults();
  const proofs = new Proofs(faults);
  for (const [seq, entry] of entries.entries()) proofs.see(entry, seq);
  return faults.kept.filter(({ code }) => code === 'unproven').map(({ from }) => from);
}

describe('P6 what nobody signed, read offline', () => {
  it.each([
    'alert.acknowledged',
    'operator.subscribed',
    'operator.unsubscribed',
    'operator.token',
    'grant.given',
    'containment.released',
  ])('%s: nobody needs to sign it before the claim, and somebody must afterwards', (kind) => {
    const act = { kind, by: 'socket', proof: 'none' };
    expect(unprovenIn(act, CLAIM)).toEqual([]);
    expect(unprovenIn(CLAIM, act)).toEqual([1]);
    expect(unprovenIn(CLAIM, { ...act, by: 'person', person: 'ada' })).toEqual([1]);
  });

  it('an edit gives nothing by itself, and is not signed', () => {
    expect(unprovenIn(CLAIM, { kind: 'approval.edited', by: 'person', person: 'ada' })).toEqual([]);
  });
});
