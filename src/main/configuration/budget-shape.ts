import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { MEASURES, PERIODS } from '../../model/budget.ts';
import { count, duration, id } from './value-shapes.ts';

/** `budgets:` of an agent (docs/formats/budgets.md), by name. */

/** Groups and operations: one, or some. */
export const ofWhat = z.union([z.string().min(1), z.array(z.string().min(1)).min(1, 'names nothing')]);

const budget = z
  .strictObject({
    actions: count.optional(),
    targets: count.optional(),
    money: z
      .string()
      .regex(/^\d{1,11}(\.\d{1,4})? [A-Z]{1,12}$/, 'must be an amount and a currency, such as 100.50 EUR')
      .optional(),
    bytes: z.number().positive('must be above 0').max(Number.MAX_SAFE_INTEGER).optional(),
    time: duration('30m').optional(),
    per: z.enum(PERIODS),
    of: ofWhat.optional(),
    each: z.literal('target').optional(),
    burst: count.optional(),
    soft: z
      .string()
      .regex(/^[1-9]\d?%$/, 'must be a share of it, such as 80%')
      .optional(),
  })
  .refine((value) => MEASURES.filter((measure) => value[measure] !== undefined).length === 1, {
    error: `needs one of ${MEASURES.join(', ')}, and only one`,
  })
  .refine((value) => value.each === undefined || value.targets === undefined, {
    error: '`targets` counts different targets, so not `each` of them',
  })
  .refine((value) => value.burst === undefined || value.actions !== undefined, {
    error: '`burst` belongs to `actions`: it makes a rate of them',
  })
  .refine((value) => value.burst === undefined || !['session', 'life'].includes(value.per), {
    error: '`burst` belongs to a minute, an hour or a day',
  });

export const budgetsShape = z
  .record(id, budget)
  .refine((budgets) => Object.keys(budgets).length <= LIMITS.budgetsPerAgent, {
    error: `names more than ${LIMITS.budgetsPerAgent}`,
  });

export type BudgetConfiguration = z.infer<typeof budget>;
