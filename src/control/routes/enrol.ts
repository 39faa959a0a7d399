import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { type Route, route } from '../route.ts';
import { credential } from './sign-in.ts';

const code = z.string().min(1).max(64);

/** How a passkey is made with a code: the first admin's, an invitation's, or one for recovery. */
export const ENROL_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/enrol/start',
    who: 'anyone',
    does: 'Options for navigator.credentials.create, for whoever has a code.',
    body: z.strictObject({ code }),
    async handle({ port, origin, body }) {
      const begun = port.enrolment.begin(origin, body.code);
      return begun.ok ? { value: begun.value } : { problem: begun.error };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/enrol',
    who: 'anyone',
    does: 'Enrols the passkey that was made and spends the code. Recovery codes come once, with the first passkey.',
    body: z.strictObject({ code, response: credential }),
    async handle({ port, origin, body }) {
      const done = await port.enrolment.finish(origin, body.code, body.response as JsonObject);
      if (done.ok) {
        const { passkey, codes } = done.value;
        return { value: { person: passkey.person, passkey, recoveryCodes: codes } };
      }
      return { problem: done.error };
    },
  }),
];
