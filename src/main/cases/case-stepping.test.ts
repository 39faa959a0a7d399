import { describe, expect, it } from 'vitest';
import type { OpenCase } from '../../containment/cases.ts';
import type { Level } from '../../model/level.ts';
import { type Paged, unacknowledged } from './case-stepping.ts';

const timing = { backupAfterMs: 300, roleAfterMs: 600, role: 'security', pageEveryMs: 100 };
const one: OpenCase = { id: '1', scope: 'agent:writer', level: 'watched', openedAt: '', stop: 1 };
const paged = (more: Partial<Paged> = {}, level: Level = 'watched'): Paged => ({
  matters: [{ id: 'm', subject: 'tripped', page: true, agent: 'writer', openedMs: 1000 }],
  cases: [one],
  levels: new Map([['agent:writer', level]]),
  levelOf: () => level,
  timing,
  startedMs: 0,
  nowMs: 1700,
  ...more,
});

describe('a page of a case that nobody acknowledges', () => {
  it.each(['tripped', 'stopped'])(
    'about one %s is due once it has gone to the last and once more, and not before',
    (subject) => {
      const matters = [{ id: 'm', subject, page: true, agent: 'writer', openedMs: 1000 }];
      expect(unacknowledged(paged({ matters }))).toEqual([
        { scope: 'agent:writer', level: 'frozen', about: { case: '1' } },
      ]);
      expect(unacknowledged(paged({ matters, nowMs: 1699 }))).toEqual([]);
    },
  );

  it('is not counted over a time in which nobody could be told', () => {
    expect(unacknowledged(paged({ startedMs: 1500 }))).toEqual([]);
  });

  it('about more than one agent steps down what was stopped, and nothing that is of one of its agents', () => {
    const scope = 'owner:ada';
    const matters = [{ id: 'm', subject: 'stopped-wide', page: true, scope, openedMs: 1000 }];
    const wide = { matters, cases: [{ ...one, scope }], levels: new Map([[scope, 'watched'] as const]) };
    expect(unacknowledged(paged(wide))).toEqual([{ scope, level: 'frozen', about: { case: '1' } }]);
    expect(unacknowledged(paged({ matters }))).toEqual([]);
    expect(unacknowledged(paged({ ...wide, nowMs: 1699 }))).toEqual([]);
  });

  it('goes no further than frozen, and leaves what a person has released', () => {
    expect(unacknowledged(paged({}, 'frozen'))).toEqual([]);
    expect(unacknowledged(paged({}, 'killed'))).toEqual([]);
    expect(unacknowledged(paged({ levels: new Map() }))).toEqual([]);
  });

  it.each(['drill-failed', 'drill-overdue'])(
    'about a %s makes an agent that is live watched, once',
    (subject) => {
      const matters = [{ id: 'm', subject, page: true, agent: 'writer', openedMs: 1000 }];
      const about = { matters, cases: [] };
      expect(unacknowledged(paged({ ...about, nowMs: 1699 }, 'live'))).toEqual([]);
      expect(unacknowledged(paged(about, 'live'))).toEqual([
        { scope: 'agent:writer', level: 'watched', about: { alert: 'm' } },
      ]);
      for (const level of ['watched', 'frozen', 'killed'] as const)
        expect(unacknowledged(paged({ matters }, level))).toEqual([]);
      expect(unacknowledged(paged({ ...about, levelOf: () => undefined }, 'live'))).toEqual([]);
    },
  );

  it('is none where it was acknowledged, the case is closed, or it is about something else', () => {
    expect(unacknowledged(paged({ matters: [] }))).toEqual([]);
    expect(unacknowledged(paged({ cases: [] }))).toEqual([]);
    const other = { id: 'm', page: true, agent: 'writer', openedMs: 0 };
    expect(unacknowledged(paged({ matters: [{ ...other, subject: 'revoke-failed' }] }))).toEqual([]);
    expect(unacknowledged(paged({ matters: [{ ...other, subject: 'tripped', page: false }] }))).toEqual([]);
  });
});
