import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import type { Entry, EntryKind } from '../../contract/log-entry.ts';
import { Drills } from './drills.ts';

const entry = (kind: EntryKind, more: object = {}): Entry => ({
  kind,
  seq: 1,
  at: '2026-11-20T20:18:00.000Z',
  agent: 'writer',
  ...more,
});
const THINGS = [
  { kind: 'door', name: 'a door', ms: 0, held: true },
  { kind: 'call', name: 'a door', ms: null, held: false },
];

describe('what the log says of drills', () => {
  it('names what did not hold, and what was not tried', () => {
    const drills = new Drills();
    const notTried = [{ what: 'an open tunnel', why: 'none yet' }];
    drills.see(
      entry('drill.done', { drill: 'd1', level: 'frozen', held: false, ms: 12.5, things: THINGS, notTried }),
    );
    expect(drills.runsOf('writer')).toEqual([
      {
        at: '2026-11-20T20:18:00.000Z',
        drill: 'd1',
        level: 'frozen',
        held: false,
        ms: 12.5,
        things: 2,
        broken: ['call: a door'],
        notTried: ['an open tunnel'],
      },
    ]);
    expect(drills.runsOf('other')).toEqual([]);
  });

  it('keeps the newest, and an overdue one until it was done', () => {
    const drills = new Drills();
    drills.see(entry('drill.overdue'));
    expect([...drills.overdue]).toEqual(['writer']);
    for (let n = 0; n <= LIMITS.drillTrend; n++)
      drills.see(entry('drill.done', { drill: `d${n}`, held: true, things: [], notTried: [] }));
    expect(drills.overdue.size).toBe(0);
    expect(drills.runsOf('writer')).toHaveLength(LIMITS.drillTrend);
    expect(drills.runsOf('writer')[0]?.drill).toBe('d1');
  });
});
