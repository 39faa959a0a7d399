import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../contract/log-entry.ts';
import { HourWindow } from './hour-window.ts';
import { Past, readUsedKey, usedKey } from './past.ts';

const NOW = Date.parse('2026-11-20T20:00:00.000Z');
const MINUTE = 60_000;
const step = {
  agent: 'writer',
  operation: 'mcp:files/write_file',
  upstream: 'files',
  namedTargets: [{ type: 'Path', id: '/a' }],
};
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
        const window = new HourWindow();
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
    const window = new HourWindow();
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
    for (let i = 0; i < 5; i++) past.count(step, 'draft', NOW);
    past.count({ ...step, operation: 'mcp:files/move_file' }, 'draft', NOW);
    past.count({ ...step, agent: 'other' }, 'draft', NOW);
    expect(past.facts(step, 'draft', NOW)).toMatchObject({ operationLastHour: 5, classLastHour: 6 });
    expect(past.facts(step, 'draft', NOW + 60 * MINUTE)).toMatchObject({ operationLastHour: 0 });
  });

  test('a first use is one until a record says that it was allowed', () => {
    const past = new Past();
    past.count(step, 'draft', NOW);
    expect(past.facts(step, 'draft', NOW)).toMatchObject({ firstOperation: true, firstUpstream: true });
    expect(past.isFirst(step)).toBe(true);
    past.use(step);
    expect(past.isFirst(step)).toBe(false);
    expect(past.facts(step, 'draft', NOW)).toMatchObject({ firstOperation: false, firstUpstream: false });
    const other = { ...step, operation: 'mcp:files/move_file' };
    expect(past.facts(other, 'draft', NOW)).toMatchObject({ firstOperation: true, firstUpstream: false });
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
    expect(past.facts(step, 'draft', NOW)).toMatchObject({ refusedHere: 0, repeatsAfterNo: 0 });
    past.follow(answered('q1'));
    expect(past.facts(step, 'draft', NOW)).toMatchObject({ refusedHere: 1, repeatsAfterNo: 1 });
    // Being asked about changes nothing: decided again with the answer, an action finds what it found before.
    past.follow(asked('q2'));
    past.follow(asked('q3', { target: { type: 'Path', id: '/b' } }));
    expect(past.facts(step, 'draft', NOW)).toMatchObject({ refusedHere: 1, repeatsAfterNo: 1 });
    expect(past.facts(elsewhere, 'draft', NOW)).toMatchObject({ refusedHere: 0, repeatsAfterNo: 0 });
    // Another tool does not shed it.
    const other = { ...step, operation: 'mcp:files/move_file' };
    expect(past.facts(other, 'draft', NOW)).toMatchObject({ refusedHere: 1, repeatsAfterNo: 0 });
  });

  test('a yes, or a no by the socket, is no no of a person', () => {
    const past = new Past();
    past.follow(asked('q1'));
    past.follow(answered('q1', { answer: 'approve' }));
    past.follow(asked('q2'));
    past.follow(answered('q2', { by: 'socket', person: undefined }));
    expect(past.facts(step, 'draft', NOW)).toMatchObject({ refusedHere: 0 });
  });

  test('the same entries once more, from an empty past, come to the same', () => {
    const entries = [asked('q1'), answered('q1'), asked('q2'), answered('q2'), asked('q3')];
    const [one, two] = [new Past(), new Past()];
    for (const each of entries) one.follow(each);
    for (const each of entries) two.follow(each);
    expect(one.facts(step, 'draft', NOW)).toEqual(two.facts(step, 'draft', NOW));
    expect(one.facts(step, 'draft', NOW)).toMatchObject({ refusedHere: 2, repeatsAfterNo: 2 });
  });
});
