import { z } from 'zod';
import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';
import { readsOf } from './reading.ts';

const text = z.string().max(LIMITS.callerNameLength).optional();
export const before = z.coerce.number().int().nonnegative().optional();

/** What agents tried. */
export const ACTION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/actions',
    who: 'signed-in',
    does: 'Actions, the newest first; a page may be short and not be the last: `before` says where to go on.',
    query: z.strictObject({
      agent: text,
      session: text,
      fate: z.enum(['allow', 'review', 'deny', 'failed', 'aborted', 'unknown']).optional(),
      text,
      before,
    }),
    handle: (call) => readsOf(call, (reads) => reads.actions(call.query)),
  }),
  route({
    method: 'GET',
    path: '/v1/actions/:id',
    who: 'signed-in',
    does: 'The whole story of one action: arguments, rules, approval, outcome, and what led to it.',
    async handle(call) {
      const id = call.params['id'] ?? '';
      const answer = await readsOf(call, (reads) => reads.action(id));
      return 'value' in answer && answer.value === null
        ? { problem: problem('ACTION_UNKNOWN', { id }) }
        : answer;
    },
  }),
  route({
    method: 'GET',
    path: '/v1/actions/:id/explain',
    who: 'signed-in',
    does: 'What decided it, rule by rule and clause by clause, by the rules that were in force.',
    async handle(call) {
      const explained = await call.port.operations(signedIn(call).person).explain(call.params['id'] ?? '');
      return explained.ok ? { value: explained.value } : { refused: explained.error };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/resolve-alike',
    who: 'signed-in',
    does: 'How several ended, of one operation of one agent: one word, an entry for each. Needs no signature.',
    body: z.strictObject({
      actions: z.array(z.string().max(LIMITS.callerNameLength)).min(1).max(LIMITS.caseUnknown),
      ended: z.enum(['done', 'not-done']),
      why: z.string().max(LIMITS.callerReasonLength).default(''),
    }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.resolveAlike(call.body.actions, call.body.ended, call.body.why),
      ),
  }),
  route({
    method: 'POST',
    path: '/v1/actions/:id/resolve',
    who: 'signed-in',
    does: 'How it ended, where that is unknown: the owner has looked. Needs no signature.',
    body: z.strictObject({
      ended: z.enum(['done', 'not-done']),
      why: z.string().max(LIMITS.callerReasonLength).default(''),
    }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.resolve(call.params['id'] ?? '', call.body.ended, call.body.why),
      ),
  }),
];
