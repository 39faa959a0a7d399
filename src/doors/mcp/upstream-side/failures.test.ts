import { expect, test } from 'vitest';
import { LIMITS } from '../../../base/limits.ts';
import { Failures } from './failures.ts';

test('a server that stays away is one line for each reason, and one in a while with how often it was so', () => {
  const failures = new Failures();
  expect(failures.reason).toBeNull();
  expect(failures.note('refused', 0)).toBe('refused');
  for (let i = 1; i <= 50; i++) expect(failures.note('refused', i)).toBeNull();
  expect(failures.note('timed out', 51)).toBe('timed out');
  expect(failures.note('refused', 52)).toBe('refused');
  expect(failures.note('refused', 53)).toBeNull();
  expect(failures.note('refused', 52 + LIMITS.failureToldMs)).toBe(
    'refused (2 tries since this was said last, all the same)',
  );
  expect(failures.reason).toBe('refused');
  expect(failures.end()).toBe('');
  expect(failures.reason).toBeNull();
  expect(failures.note('refused', 60)).toBe('refused');
  expect(failures.note('refused', 61)).toBeNull();
  expect(failures.end()).toBe(' (after 2 failed tries)');
  expect(failures.note('refused', 62)).toBe('refused');
});
