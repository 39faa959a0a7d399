import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

const id = (params: Readonly<Record<string, string>>) => params['id'] ?? '';

/** What agents put before people. Looking changes nothing; an answer is a signed-in person's, and permits nothing. */
export const APPEAL_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/appeals',
    who: 'signed-in',
    does: 'Questions, wishes for a rule and work handed over: what waits, and what was answered within a day; oldest first.',
    handle: async (call) => ({ value: await call.port.operations(signedIn(call).person).appeals() }),
  }),
  route({
    method: 'GET',
    path: '/v1/appeals/:id',
    who: 'signed-in',
    does: 'One of them, and of a wish for a rule whether that rule could be applied. Changes nothing.',
    async handle(call) {
      const found = await call.port.operations(signedIn(call).person).appeal(id(call.params));
      return found.ok ? { value: found.value } : { refused: found.error };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/appeals/:id/answer',
    who: 'signed-in',
    does: "The owner's or backup's word on it: an option, her own words, or a no. Needs no signature, for it permits nothing.",
    body: z.strictObject({
      answer: z.enum(['yes', 'no']),
      option: z.int().nonnegative().optional(),
      why: z.string().max(LIMITS.callerReasonLength).optional(),
    }),
    handle: (call) =>
      whenSigned(call, (operations) => {
        const { answer, option, why } = call.body;
        return operations.answerAppeal(id(call.params), signedIn(call).person.id, {
          answer,
          ...(option === undefined ? {} : { option }),
          ...(why === undefined ? {} : { why }),
        });
      }),
  }),
];
