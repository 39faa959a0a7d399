import { z } from 'zod';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';
import { readsOf } from './reading.ts';

const id = (params: Readonly<Record<string, string>>) => params['id'] ?? '';
/** What the person was shown: an answer is to that, and to nothing that it has become since. */
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Questions to people. A GET shows; only a POST of a signed-in person answers, as herself. */
export const APPROVAL_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/approvals',
    who: 'signed-in',
    does: 'Questions that wait, that ran out, and noes that still stand; oldest first.',
    handle: async (call) => ({ value: await call.port.operations(signedIn(call).person).approvals() }),
  }),
  route({
    method: 'GET',
    path: '/v1/questions',
    who: 'signed-in',
    does: 'A page of them as an inbox shows it: the gravest first, then the oldest; of those that are over the newest.',
    query: z.strictObject({
      of: z.enum(['mine', 'others', 'over']),
      from: z.coerce.number().int().nonnegative().default(0),
    }),
    handle: (call) =>
      readsOf(call, async (reads) => reads.questions(signedIn(call).person, call.query.of, call.query.from)),
  }),
  route({
    method: 'GET',
    path: '/v1/approvals/:id',
    who: 'signed-in',
    does: 'One question in full. Decides nothing; that she was shown it is told in the log, once.',
    async handle(call) {
      const { person } = signedIn(call);
      const found = await call.port.operations(person).approval(id(call.params), person.id);
      return found.ok ? { value: found.value } : { refused: found.error };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/approvals/:id/fate',
    who: 'signed-in',
    does: 'What became of a question, one that is no more included: how it ended, and which took its place.',
    async handle(call) {
      const found = await readsOf(call, (reads) => reads.fate(id(call.params)));
      const isNone = 'value' in found && found.value === null;
      return isNone ? { problem: problem('UNKNOWN_APPROVAL', { approval: id(call.params) }) } : found;
    },
  }),
  route({
    method: 'POST',
    path: '/v1/approvals/:id/approve',
    who: 'signed-in',
    does: 'A yes to exactly the action with this digest, once it is signed where it has to be.',
    body: z.strictObject({ digest }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.approve(id(call.params), signedIn(call).person.id, call.body.digest),
      ),
  }),
  route({
    method: 'POST',
    path: '/v1/approvals/:id/edit',
    who: 'signed-in',
    does: 'Other arguments for the action with this digest: decided anew, and then to be approved.',
    body: z.strictObject({ digest, arguments: z.record(z.string(), z.json()) }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.edit(
          id(call.params),
          signedIn(call).person.id,
          call.body.digest,
          call.body.arguments as JsonObject,
        ),
      ),
  }),
  route({
    method: 'GET',
    path: '/v1/approvals/:id/less',
    who: 'signed-in',
    does: 'The rules that ask, with an exception for this agent, operation and targets, and what that would have let pass.',
    async handle(call) {
      const found = await call.port.operations(signedIn(call).person).less(id(call.params));
      return found.ok ? { value: found.value } : { refused: found.error };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/approvals/:id/less',
    who: 'signed-in',
    does: 'Applies exactly that change of the rules, once an admin has signed it.',
    body: z.strictObject({ shown: digest }),
    handle: (call) => whenSigned(call, (operations) => operations.askLess(id(call.params), call.body.shown)),
  }),
  route({
    method: 'POST',
    path: '/v1/approvals/:id/deny',
    who: 'signed-in',
    does: 'A no of somebody whom it asks; of anybody else it takes the question back. Needs no signature.',
    body: z.strictObject({ why: z.string().max(LIMITS.callerReasonLength).default('') }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.deny(id(call.params), signedIn(call).person.id, call.body.why),
      ),
  }),
];
