import { describe, expect, it, onTestFinished } from 'vitest';
import { askingHouse } from '../../../tests/faults/asking.ts';
import { removeDirectory } from '../../../tests/faults/test-house.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { LogState } from './log-state.ts';
import { checkState } from './state-check.ts';

function stateAfter(...entries: readonly object[]): LogState {
  const state = new LogState();
  for (const [seq, entry] of entries.entries())
    state.see({ at: '2026-01-01T00:00:00.000Z', ...entry, seq } as Entry, `leaf ${seq}`);
  return state;
}
const seqs = (state: LogState) => state.unconfirmed(0).map(({ seq }) => seq);

const WIDE = { kind: 'operator.applied', by: 'start', proof: 'none', set: 'wide', changes: ['everything'] };
const ENROLLED = { kind: 'person.enrolled', subject: 'ada', credential: 'a', publicKey: 'k' };
const TIGHTER = { kind: 'operator.applied', by: 'socket', set: 'tighter', tightens: true };

describe('P6 a set that nobody signed', () => {
  it('is still to be confirmed after an apply that merely tightens it', () => {
    const state = stateAfter(WIDE, ENROLLED, TIGHTER);
    expect(seqs(state)).toEqual([0]);
    expect(state.cells.get('in-force set')).toBe('tighter');
  });

  it('is none any more once another set takes its place', () => {
    expect(seqs(stateAfter(WIDE, { ...WIDE, set: 'other' }))).toEqual([1]);
    expect(seqs(stateAfter(WIDE, ENROLLED, TIGHTER, { ...WIDE, proof: { statement: {} } }))).toEqual([]);
  });
});

describe('P5 what a passkey has counted', () => {
  it('is counted on from the log after a start, so that a copy of it is behind', async () => {
    const house = await askingHouse();
    onTestFinished(async () => {
      await house.close();
      removeDirectory(house.directory);
    });
    const { entries } = await house.see();
    const shown = entries.flatMap(({ proof }) =>
      isJsonObject(proof)
        ? [Buffer.from(String(proof['authenticatorData']), 'base64url').readUInt32BE(33)]
        : [],
    );
    const { passkeys } = house.house;
    const [{ credential } = { credential: '' }] = passkeys.of('ada');
    expect(passkeys.counterOf(credential)).toBe(0);
    await checkState(house.house);
    expect(passkeys.counterOf(credential)).toBe(Math.max(...shown));
    expect(Math.max(...shown)).toBeGreaterThan(1);
    // What was shown since then is not forgotten for it.
    passkeys.count(credential, 99);
    await checkState(house.house);
    expect(passkeys.counterOf(credential)).toBe(99);
  });
});
