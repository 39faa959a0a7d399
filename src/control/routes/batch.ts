import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

const answer = z.strictObject({
  approval: z.string().min(1).max(64),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});

/** Many questions that are alike. A GET shows what differs; one signature answers all, each bound to its own action. */
export const BATCH_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/batch',
    who: 'signed-in',
    does: 'What these questions have in common, and what differs; `of` names them, with commas.',
    query: z.strictObject({ of: z.string().max(4096) }),
    async handle(call) {
      const { person } = signedIn(call);
      const ids = call.query.of.split(',').filter((id) => id !== '');
      const found = await call.port.operations(person).batch(ids, person.id);
      return found.ok ? { value: found.value } : { refused: found.error };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/batch/approve',
    who: 'signed-in',
    does: 'One yes to all of them, each to exactly the action with its digest; signed once.',
    body: z.strictObject({ answers: z.array(answer).min(2).max(LIMITS.answersAtOnce) }),
    handle: (call) =>
      whenSigned(call, (operations) => operations.approveBatch(call.body.answers, signedIn(call).person.id)),
  }),
];
