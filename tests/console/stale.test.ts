import { expect, it } from 'vitest';
import { staleSoon } from '../../console/src/api/stale.ts';

it('asks at once for what waits for a person or was stopped, though much else is gathered already', async () => {
  const asked: string[] = [];
  const ended = new AbortController();
  const first = Promise.withResolvers<void>();
  const stale = staleSoon(
    {
      invalidateQueries: async (filters = {}) => {
        asked.push(String(filters.queryKey?.[0]));
        if (asked.includes('actions')) first.resolve();
      },
    },
    ended.signal,
  );
  // A hundred agents at work keep the slower of the two busy.
  stale('overview');
  stale('approvals');
  await first.promise;
  ended.abort();
  expect(asked.slice(0, 4)).toEqual(['overview', 'approvals', 'duties', 'changes']);
  expect(asked.indexOf('actions')).toBeGreaterThan(3);
});
