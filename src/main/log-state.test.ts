import { describe, expect, it } from 'vitest';
import type { Entry } from '../contract/log-entry.ts';
import { LogState } from './log-state.ts';

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
