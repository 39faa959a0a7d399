import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { readAuthority } from '../../catalog/targets/host.ts';
import { WEEKDAYS } from '../../model/hours.ts';
import { budgetsShape, ofWhat } from './budget-shape.ts';
import { count, duration, id, text, time, zone } from './value-shapes.ts';

/** `agents:`, who acts, and within which bounds. */

/** When it is to work. */
const hours = z.strictObject({
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1, 'names no day')
    .default([...WEEKDAYS]),
  from: time,
  to: time,
  zone: zone.default('UTC'),
});

const limits = z.strictObject({
  inFlight: count.default(LIMITS.inFlightPerAgent),
  attemptsPerMinute: count.default(LIMITS.attemptsPerMinute),
  logBytesPerDay: z.number().positive('must be above 0').default(LIMITS.logBytesPerDay),
});

const endpoint = z
  .string()
  .refine((value) => readAuthority(value).ok, 'must be HOST:PORT, such as api.example.org:443');

/** What `./lanyard run` grants its programs. */
const run = z.strictObject({
  /** Where the program's own model is. */
  model: z.array(endpoint).default([]),
  env: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable')).default([]),
  writable: z.array(text).default([]),
  time: duration().default('12h'),
  cpu: count.optional(),
  memory: count.optional(),
  processes: count.optional(),
});

export const agentShape = z.strictObject({
  id,
  owner: id,
  backup: id.optional(),
  contact: text.optional(),
  purpose: text.optional(),
  does: ofWhat.optional(),
  level: z.enum(['live', 'watched', 'frozen']).default('live'),
  teams: z.array(id).default([]),
  limits: limits.prefault({}),
  run: run.optional(),
  cadence: duration().optional(),
  hours: hours.optional(),
  budgets: budgetsShape.optional(),
});
