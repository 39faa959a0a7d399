import { z } from 'zod';
import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ApiSession, ApiSignedIn } from '../../contract/control-api.ts';
import type { Person } from '../../model/person.ts';
import type { Session } from '../people/sessions.ts';
import type { ControlPort } from '../port.ts';
import { type Route, route, signedIn } from '../route.ts';

/** A credential as `toJSON()` of the browser gives it; the verifier looks at each member. */
export const credential = z.looseObject({ id: z.string(), rawId: z.string(), type: z.string() });

export const SIGN_IN_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/sign-in/start',
    who: 'anyone',
    does: 'What to sign to sign in: options for navigator.credentials.get.',
    handle: async ({ port, origin }) => ({ value: port.ceremonies.begin(origin, { purpose: 'sign-in' }) }),
  }),
  route({
    method: 'POST',
    path: '/v1/sign-in',
    who: 'anyone',
    does: 'Signs in with an assertion; answers the bearer token of the session, once.',
    body: z.strictObject({ response: credential }),
    async handle({ port, origin, from, body }) {
      const signed = await port.ceremonies.finish(origin, 'sign-in', {}, body.response as JsonObject);
      if (!signed.ok) return { problem: signed.error };
      const person = port.person(signed.value.passkey.person);
      if (person === undefined || person.disabled === true)
        return { problem: problem('PROOF_REFUSED', { what: 'this person can sign in no more' }) };
      const { token, session } = port.sessions.open(person.id, origin, from);
      port.signedIn(person, session.id, signed.value.proof);
      const value: ApiSignedIn = { token, ...describe(port, person, session) };
      return { value };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/session',
    who: 'signed-in',
    does: 'Who is signed in.',
    async handle(call) {
      const { person, session } = signedIn(call);
      const found = call.port.sessions.of(person.id).find(({ id }) => id === session);
      if (found === undefined) return { problem: problem('SESSION_OVER') };
      return { value: describe(call.port, person, found) };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/sign-out',
    who: 'signed-in',
    does: 'Ends this session, or with `everywhere` all of hers.',
    body: z.strictObject({ everywhere: z.boolean().optional() }),
    async handle(call) {
      const { person, session } = signedIn(call);
      const { sessions } = call.port;
      const ended =
        call.body.everywhere === true ? sessions.endAllOf(person.id) : Number(sessions.end(session));
      return { value: { ended } };
    },
  }),
];

function describe({ passkeys }: ControlPort, person: Person, session: Session): ApiSession {
  return {
    person: person.id,
    name: person.name,
    roles: person.roles,
    expires: toInstant(session.expiresAtMs),
    passkeys: passkeys.of(person.id).length,
  };
}
