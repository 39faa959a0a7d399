import { z } from 'zod';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';
import { readsOf } from './reading.ts';

const id = (params: Readonly<Record<string, string>>) => params['id'] ?? '';

/** Looks at what agents did, by whoever answers for them. A GET shows; only a POST of a signed-in person confirms. */
export const LEASE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/agents/:id/look',
    who: 'signed-in',
    does: 'What its owner or backup is to look through: a sample of what it did since the last look. Changes nothing.',
    async handle(call) {
      const { person } = signedIn(call);
      const found = await call.port.operations(person).leaseSample(id(call.params), person.id);
      return found.ok ? { value: found.value } : { refused: found.error };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/agents/:id/look',
    who: 'signed-in',
    does: 'She has looked through what she was shown: the lease of the agent begins anew. Needs no signature.',
    body: z.strictObject({ shown: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.look(id(call.params), signedIn(call).person.id, call.body.shown),
      ),
  }),
  route({
    method: 'POST',
    path: '/v1/agents/:id/take-over',
    who: 'signed-in',
    does: 'Its backup answers for it from now on, where its owner cannot any more; once it is signed.',
    handle: (call) =>
      whenSigned(call, (operations) => operations.takeOver(id(call.params), signedIn(call).person.id)),
  }),
  route({
    method: 'GET',
    path: '/v1/drills',
    who: 'signed-in',
    does: 'The last drills of every agent, and which are due.',
    handle: (call) => readsOf(call, async (reads) => reads.drills()),
  }),
  route({
    method: 'POST',
    path: '/v1/drill',
    who: 'signed-in',
    does: 'Rehearses a stop of `agent:ID` on canaries and measures it. Stops nothing real.',
    body: z.strictObject({ what: z.string(), level: z.enum(['frozen', 'killed']).default('frozen') }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.drill(call.body.what, call.body.level, signedIn(call).person.id),
      ),
  }),
];
