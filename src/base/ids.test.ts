import { expect, test } from 'vitest';
import { createIds, timeOfId } from './ids.ts';

test('an id says when it was made, and what is no ULID says nothing', () => {
  const nowMs = Date.parse('2026-11-28T23:20:00.123Z');
  const ids = createIds({ now: () => nowMs, monotonicMs: () => 0 });
  for (const id of [ids(), ids()]) expect(timeOfId(id)).toBe(nowMs);
  expect(timeOfId('7ZZZZZZZZZ0000000000000000')).toBe(2 ** 48 - 1);
  for (const none of [
    '',
    'q1',
    '8ZZZZZZZZZ0000000000000000',
    `${ids()}0`,
    ids().toLowerCase(),
    'I'.repeat(26),
  ])
    expect(timeOfId(none)).toBeNull();
});
