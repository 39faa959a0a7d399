import { describe, expect, it } from 'vitest';
import type { OpenCase } from '../containment/cases.ts';
import type { Level } from '../model/level.ts';
import { type Paged, unacknowledged } from './case-stepping.ts';

const timing = { backupAfterMs: 300, roleAfterMs: 600, role: 'security', pageEveryMs: 100 };
const one: OpenCase = { id: '1', scope: 'agent:writer', level: 'watched', openedAt: '', stop: 1 };
const paged = (more: Partial<Paged> = {}, level: Level = 'watched'): Paged => ({
  matters: [{ subject: 'tripped', page: true, agent: 'writer', openedMs: 1000 }],
  cases: [one],
  levels: new Map([['agent:writer', level]]),
  timing,
  startedMs: 0,
  nowMs: 1700,
  ...more,
});

describe('a page of a case that nobody acknowledges', () => {
  it('is due once it has gone to the last and once more, and not before', () => {
    expect(unacknowledged(paged())).toEqual([one]);
    expect(unacknowledged(paged({ nowMs: 1699 }))).toEqual([]);
  });

  it('is not counted over a time in which nobody could be told', () => {
    expect(unacknowledged(paged({ startedMs: 1500 }))).toEqual([]);
  });

  it('goes no further than frozen, and leaves what a person has released', () => {
    expect(unacknowledged(paged({}, 'frozen'))).toEqual([]);
    expect(unacknowledged(paged({}, 'killed'))).toEqual([]);
    expect(unacknowledged(paged({ levels: new Map() }))).toEqual([]);
  });

  it('is none where it was acknowledged, the case is closed, or it is about something else', () => {
    expect(unacknowledged(paged({ matters: [] }))).toEqual([]);
    expect(unacknowledged(paged({ cases: [] }))).toEqual([]);
    const other = { page: true, agent: 'writer', openedMs: 0 };
    expect(unacknowledged(paged({ matters: [{ ...other, subject: 'revoke-failed' }] }))).toEqual([]);
    expect(unacknowledged(paged({ matters: [{ ...other, subject: 'tripped', page: false }] }))).toEqual([]);
  });
});
