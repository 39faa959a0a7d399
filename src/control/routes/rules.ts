import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { type Route, route } from '../route.ts';
import { readsOf } from './reading.ts';

/** What is in force. */
export const RULE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/rules',
    who: 'signed-in',
    does: 'The rules in force, and what `apply` would change.',
    handle: (call) => readsOf(call, (reads) => reads.rules()),
  }),
  route({
    method: 'POST',
    path: '/v1/rules/try',
    who: 'signed-in',
    does: 'What the rules in force would decide; executes nothing, records nothing.',
    body: z.strictObject({ agent: z.string(), operation: z.string(), input: z.record(z.string(), z.json()) }),
    handle: (call) =>
      readsOf(call, async (reads) => reads.tryRules({ ...call.body, input: call.body.input as JsonObject })),
  }),
];
