import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

const id = (params: Readonly<Record<string, string>>) => params['id'] ?? '';
const words = z.string().trim().min(1).max(LIMITS.callerReasonLength);

/** What stops left for people to look into. Looking changes nothing; closing releases nothing. */
export const CASE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/cases',
    who: 'signed-in',
    does: 'What stops and trips left to look into: open cases, the oldest first, then the newest that were closed.',
    handle: async (call) => ({ value: await call.port.operations(signedIn(call).person).cases() }),
  }),
  route({
    method: 'GET',
    path: '/v1/cases/:id',
    who: 'signed-in',
    does: 'One in full: what stopped it, what has an unknown end, and what was done by target. Changes nothing.',
    async handle(call) {
      const found = await call.port.operations(signedIn(call).person).case(id(call.params));
      return found.ok ? { value: found.value } : { refused: found.error };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/cases/:id/close',
    who: 'signed-in',
    does: 'Closes it with a debrief that is kept. Needs no signature, for it permits and releases nothing.',
    body: z.strictObject({ happened: words, changes: words }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.closeCase(id(call.params), signedIn(call).person.id, call.body),
      ),
  }),
];
