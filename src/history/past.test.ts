import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../contract/log-entry.ts';

import { Past, readUsedKey, usedKey } from './past.ts';
import { DistinctWindow, hourWindow } from './window.ts';

const NOW = Date.parse('2026-11-20T20:00:00.000Z');
const MINUTE = 60_000;
const step = {
  agent: 'writer',
  operation: 'mcp:files/write_file',
  upstream: 'files',
  namedTargets: [{ type: 'Path', id: '/a' }],
  owners: [] as readonly string[],
  argumentsText: '{}',
};
const DRAFT = { risk: 'draft', audience: 'self', reads: false, deletes: false };
const elsewhere = { ...step, namedTargets: [{ type: 'Path', id: '/b' }] };

let seq = 0;
const entry = (fields: Readonly<Record<string, unknown>>) =>
  ({ seq: seq++, at: '2026-11-20T20:00:00.000Z', ...fields }) as Entry;
const asked = (approval: string, more = {}) =>
  entry({
    kind: 'approval.asked',
    approval,
    agent: 'writer',
    operation: step.operation,
    target: step.namedTargets[0],
    ...more,
  });
const answered = (approval: string, more = {}) =>
  entry({ kind: 'approval.answered', approval, answer: 'deny', by: 'person', person: 'ada', ...more });

describe('the last hour', () => {
  test('holds what a list of all times would, to the minute', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 * MINUTE }), { maxLength: 200 }), (gaps) => {
        const window = hourWindow();
        const times: number[] = [];
        let now = NOW;
        for (const gap of gaps) {
          now += gap;
          const minute = Math.floor(now / MINUTE);
          const within = times.filter((at) => minute - Math.floor(at / MINUTE) < 60).length;
          expect(window.countAt(now)).toBe(within);
          window.add(now);
          times.push(now);
        }
      }),
    );
  });

  test('forgets nothing early when the clock is set back', () => {
    const window = hourWindow();
    window.add(NOW);
    window.add(NOW - 5 * MINUTE);
    expect(window.countAt(NOW - 10 * MINUTE)).toBe(2);
    expect(window.countAt(NOW + 59 * MINUTE)).toBe(2);
    expect(window.countAt(NOW + 60 * MINUTE)).toBe(0);
  });
});

describe('what an agent has been through', () => {
  test('pace: of the operation, of its class, and of nobody else', () => {
    const past = new Past();
    for (let i = 0; i < 5; i++) past.count(step, DRAFT, NOW);
    past.count({ ...step, operation: 'mcp:files/move_file' }, DRAFT, NOW);
    past.count({ ...step, agent: 'other' }, DRAFT, NOW);
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ operationLastHour: 5, classLastHour: 6 });
    expect(past.facts(step, DRAFT, NOW + 60 * MINUTE)).toMatchObject({ operationLastHour: 0 });
  });

  test('a first use is one until a record says that it was allowed', () => {
    const past = new Past();
    past.count(step, DRAFT, NOW);
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ firstOperation: true, firstUpstream: true });
    expect(past.isFirst(step)).toBe(true);
    past.use(step);
    expect(past.isFirst(step)).toBe(false);
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ firstOperation: false, firstUpstream: false });
    const other = { ...step, operation: 'mcp:files/move_file' };
    expect(past.facts(other, DRAFT, NOW)).toMatchObject({ firstOperation: true, firstUpstream: false });
    expect(readUsedKey(usedKey(step))).toEqual({
      agent: 'writer',
      operation: step.operation,
      upstream: 'files',
    });
    expect(readUsedKey('nonsense')).toBeNull();
  });

  test('a no counts on its target, and on its operation there', () => {
    const past = new Past();
    past.follow(asked('q1'));
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ refusedHere: 0, repeatsAfterNo: 0 });
    past.follow(answered('q1'));
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ refusedHere: 1, repeatsAfterNo: 1 });
    // Being asked about changes nothing: decided again with the answer, an action finds what it found before.
    past.follow(asked('q2'));
    past.follow(asked('q3', { target: { type: 'Path', id: '/b' } }));
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ refusedHere: 1, repeatsAfterNo: 1 });
    expect(past.facts(elsewhere, DRAFT, NOW)).toMatchObject({ refusedHere: 0, repeatsAfterNo: 0 });
    // Another tool does not shed it.
    const other = { ...step, operation: 'mcp:files/move_file' };
    expect(past.facts(other, DRAFT, NOW)).toMatchObject({ refusedHere: 1, repeatsAfterNo: 0 });
  });

  test('a yes, or a no by the socket, is no no of a person', () => {
    const past = new Past();
    past.follow(asked('q1'));
    past.follow(answered('q1', { answer: 'approve' }));
    past.follow(asked('q2'));
    past.follow(answered('q2', { by: 'socket', person: undefined }));
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ refusedHere: 0 });
  });

  test('the same entries once more, from an empty past, come to the same', () => {
    const entries = [asked('q1'), answered('q1'), asked('q2'), answered('q2'), asked('q3')];
    const [one, two] = [new Past(), new Past()];
    for (const each of entries) one.follow(each);
    for (const each of entries) two.follow(each);
    expect(one.facts(step, DRAFT, NOW)).toEqual(two.facts(step, DRAFT, NOW));
    expect(one.facts(step, DRAFT, NOW)).toMatchObject({ refusedHere: 2, repeatsAfterNo: 2 });
  });
});

describe('what lately was different', () => {
  test('is counted as a list of all of it would be, and stays within its bound', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20 * MINUTE), fc.nat(9)), { maxLength: 200 }),
        fc.boolean(),
        (steps, isSmall) => {
          const window = new DistinctWindow(60 * MINUTE, isSmall ? 4 : 100);
          const seen: [number, number][] = [];
          let now = NOW;
          for (const [gap, key] of steps) {
            now += gap;
            window.add(String(key), now);
            seen.push([now, key]);
            const within = new Set(seen.filter(([at]) => at > now - 60 * MINUTE).map(([, one]) => one)).size;
            expect(window.countAt(now)).toBe(isSmall ? Math.min(4, within) : within);
          }
        },
      ),
    );
  });
});

describe('what breakers look at', () => {
  const DELETES = { risk: 'comment', audience: 'team', reads: false, deletes: true };
  const READS = { risk: 'read', audience: 'self', reads: true, deletes: false };
  const many = { ...step, namedTargets: Array.from({ length: 7 }, (_, i) => ({ type: 'Mail', id: `${i}` })) };

  test('deletions count each target, breadth each different one, and reading neither', () => {
    const past = new Past();
    past.count(many, DELETES, NOW);
    past.count(many, DELETES, NOW + MINUTE);
    past.count(elsewhere, DRAFT, NOW + MINUTE);
    past.count(step, READS, NOW + MINUTE);
    expect(past.facts(many, DELETES, NOW + MINUTE)).toMatchObject({
      deletionsLastMinute: 7,
      deletionsLastHour: 14,
      targetsHere: 7,
      changesLastHour: 3,
      targetsLastHour: 8,
      othersLastHour: 7,
      actionsLastMinute: 3,
    });
  });

  test('denials in a row end with an allow, failures with what goes well, and a failing call is told from another', () => {
    const past = new Past();
    for (let i = 0; i < 3; i++) past.denied('writer');
    for (let i = 0; i < 3; i++) past.ended(step, false);
    const other = { ...step, argumentsText: '{"path":"/b"}' };
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({
      denialsInRow: 3,
      failuresInRow: 3,
      sameFailures: 3,
    });
    expect(past.facts(other, DRAFT, NOW)).toMatchObject({ sameFailures: 0 });
    past.count(step, DRAFT, NOW);
    past.ended(other, true);
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({
      denialsInRow: 0,
      failuresInRow: 0,
      sameFailures: 3,
    });
    past.ended(step, true);
    expect(past.facts(step, DRAFT, NOW)).toMatchObject({ sameFailures: 0 });
  });

  test('an audience and an owner are first until a record says that they were met', () => {
    const past = new Past();
    const at = { ...step, owners: ['Org octo'] };
    expect(past.facts(at, DELETES, NOW)).toMatchObject({ firstAudience: true, firstOwner: true });
    const keys = past.unknown(at, DELETES);
    expect(keys).toEqual(['audience/team', 'owner/Org octo']);
    past.know('writer', keys);
    expect(past.unknown(at, DELETES)).toEqual([]);
    expect(past.facts(at, DELETES, NOW)).toMatchObject({ firstAudience: false, firstOwner: false });
    expect(past.facts({ ...at, owners: ['Org other'] }, DELETES, NOW)).toMatchObject({ firstOwner: true });
  });

  test('a release forgets what tripped, and for an hour every count stands double', () => {
    const past = new Past();
    for (let i = 0; i < 9; i++) past.count(step, DRAFT, NOW);
    past.denied('writer');
    const at = new Date(NOW + 1).toISOString();
    past.follow(entry({ kind: 'containment.released', scope: 'agent:writer', at }));
    past.count(step, DRAFT, NOW);
    expect(past.facts(step, DRAFT, NOW + 1)).toMatchObject({
      operationLastHour: 0,
      denialsInRow: 0,
      halfOpen: true,
    });
    past.count(step, DRAFT, NOW + 2);
    expect(past.facts(step, DRAFT, NOW + 2)).toMatchObject({ operationLastHour: 2, changesLastHour: 2 });
    const later = NOW + 61 * MINUTE;
    past.count(step, DRAFT, later);
    expect(past.facts(step, DRAFT, later)).toMatchObject({ operationLastHour: 1, halfOpen: false });
  });

  const released = (scope: string, at: number, more = {}) =>
    entry({ kind: 'containment.released', scope, was: 'frozen', at: new Date(at).toISOString(), ...more });

  test('a release of everything narrows every agent, those that have done nothing yet too', () => {
    const past = new Past();
    for (let i = 0; i < 9; i++) past.count(step, DRAFT, NOW);
    past.follow(entry({ kind: 'containment.stopped', scope: 'all', by: 'person' }));
    past.follow(released('all', NOW + 1));
    for (const agent of ['writer', 'new']) {
      const at = { ...step, agent };
      expect(past.halfOpenUntil(agent, NOW + 2)).toBe(NOW + 1 + 60 * MINUTE);
      expect(past.facts(at, DRAFT, NOW + 2)).toMatchObject({ halfOpen: true, operationLastHour: 0 });
      past.count(at, DRAFT, NOW + 2);
      expect(past.facts(at, DRAFT, NOW + 2)).toMatchObject({ halfOpen: true, operationLastHour: 2 });
      expect(past.halfOpenUntil(agent, NOW + 1 + 60 * MINUTE)).toBeNull();
    }
  });

  test('a release of less narrows the agents that its entry names, and where it names none every one', () => {
    const past = new Past();
    past.follow(released('upstream:wiki', NOW, { agents: ['writer'] }));
    expect([past.halfOpenUntil('writer', NOW), past.halfOpenUntil('other', NOW)]).toEqual([
      NOW + 60 * MINUTE,
      null,
    ]);
    past.follow(released('owner:ada', NOW));
    expect(past.halfOpenUntil('other', NOW)).toBe(NOW + 60 * MINUTE);
  });

  test('the release of what stood still only until somebody could sign, or of what was live, narrows nobody', () => {
    const past = new Past();
    past.follow(entry({ kind: 'containment.stopped', scope: 'all', by: 'claim' }));
    past.follow(released('all', NOW));
    past.follow(released('agent:writer', NOW, { was: 'live' }));
    expect(past.halfOpenUntil('writer', NOW)).toBeNull();
    for (const by of ['socket', 'claim'])
      past.follow(entry({ kind: 'containment.stopped', scope: 'all', by }));
    past.follow(released('all', NOW));
    expect(past.halfOpenUntil('writer', NOW)).toBe(NOW + 60 * MINUTE);
  });

  test('usual is the 95th percentile of its own hours with work, known after enough of them, stored and read back', () => {
    const past = new Past();
    const hour = (i: number) => NOW + i * 60 * MINUTE;
    for (let i = 0; i < 40; i++) for (let n = 0; n <= i; n++) past.count(step, DRAFT, hour(i) + n);
    expect(past.facts(step, DRAFT, hour(19))).toMatchObject({ usualChanges: 0 });
    expect(past.facts(step, DRAFT, hour(40))).toMatchObject({ usualChanges: 38, usualTargets: 1 });
    const stored = past.takeUsual('writer');
    expect(past.takeUsual('writer')).toBeNull();
    const next = new Past();
    next.recallUsual('writer', stored ?? '');
    // All hours but the one that was not over yet.
    expect(next.facts(step, DRAFT, hour(40))).toMatchObject({ usualChanges: 38 });
    expect(next.facts(step, DRAFT, hour(40 + 15 * 24))).toMatchObject({ usualChanges: 0 });
    for (const broken of ['', '{', '[[1,2]]', '[["a",1,1]]']) next.recallUsual('writer', broken);
    expect(next.facts(step, DRAFT, hour(40))).toMatchObject({ usualChanges: 38 });
  });
});
