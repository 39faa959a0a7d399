import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LIMITS } from './limits.ts';

it('has one home for each limit, and takes in every home', async () => {
  const folder = join(import.meta.dirname, 'limits');
  const names: string[] = [];
  for (const file of readdirSync(folder)) {
    const rooms = (await import(join(folder, file))) as Record<string, object>;
    for (const room of Object.values(rooms)) names.push(...Object.keys(room));
  }
  expect(names.toSorted()).toEqual(Object.keys(LIMITS).toSorted());
});
