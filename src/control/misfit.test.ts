import { expect, it } from 'vitest';
import { z } from 'zod';
import { misfitOf } from './misfit.ts';

const shape = z.strictObject({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  times: z.int().min(1).max(100),
  level: z.enum(['frozen', 'killed']).optional(),
  why: z.string().min(1).max(20).optional(),
  entries: z.array(z.int()).min(1).optional(),
});
const FITS = { digest: `sha256:${'0'.repeat(64)}`, times: 2 };

it.each([
  [{}, 'digest is missing'],
  [{ digest: 'x' }, 'digest must be of the form sha256:[0-9a-f]{64}'],
  [{ digest: 5 }, 'digest must be text'],
  [{ times: 0 }, 'times must be at least 1'],
  [{ times: 101 }, 'times must be at most 100'],
  [{ times: 1.5 }, 'times must be a whole number'],
  [{ level: 'dead' }, 'level must be one of frozen, killed'],
  [{ why: '' }, 'why must not be empty'],
  [{ why: 'x'.repeat(21) }, 'why must be at most 20 characters long'],
  [{ entries: [] }, 'entries must not be empty'],
  [{ entries: ['1'] }, 'entries.0 must be a number'],
  [{ bogus: 1 }, 'the body has "bogus", which nothing here reads'],
])('%j: %s', (body, sentence) => {
  const given = Object.keys(body).length === 0 ? {} : { ...FITS, ...body };
  const read = shape.safeParse(given);
  expect(read.success ? '' : misfitOf(read.error)).toBe(sentence);
});

it('says so of what is no object', () => {
  const read = shape.safeParse([]);
  expect(read.success ? '' : misfitOf(read.error)).toBe('the body must be an object');
});
