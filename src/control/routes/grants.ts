import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

/** Standing approvals. A GET shows; giving one is signed, taking one back needs no signature. */
export const GRANT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/grants',
    who: 'signed-in',
    does: 'Standing approvals: for what, of whom, how often used, until when.',
    handle: async (call) => ({ value: await call.port.operations(signedIn(call).person).grants() }),
  }),
  route({
    method: 'POST',
    path: '/v1/approvals/:id/grant',
    who: 'signed-in',
    does: 'A yes in advance to actions like the one with this digest: same agent, operation and targets, at most `times`, for `forMs`.',
    body: z.strictObject({
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      times: z.int().min(1).max(LIMITS.grantTimes),
      forMs: z.int().min(1).max(LIMITS.grantMostMs),
    }),
    handle: (call) => {
      const { digest, times, forMs } = call.body;
      return whenSigned(call, (operations) =>
        operations.grant(call.params['id'] ?? '', signedIn(call).person.id, digest, { times, forMs }),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/v1/grants/:id/revoke',
    who: 'signed-in',
    does: 'Takes a standing approval back. Needs no signature.',
    body: z.strictObject({}),
    handle: (call) => whenSigned(call, (operations) => operations.revokeGrant(call.params['id'] ?? '')),
  }),
];
