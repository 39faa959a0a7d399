import { z } from 'zod';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { orNearest } from '../../base/nearest.ts';
import { err, ok } from '../../base/result.ts';
import { removePasskey } from '../../pipeline/acts/people-acts.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';
import { credential } from './sign-in.ts';

/** People and their passkeys. */
export const PEOPLE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/people',
    who: 'signed-in',
    does: 'The people in force, their roles, and which passkeys they have.',
    handle: async ({ port }) => ({
      value: port.people().map((person) => ({
        ...person,
        passkeys: port.passkeys
          .of(person.id)
          .map(({ credential, via, rpId, enrolled, invitedBy, validFrom }) => ({
            credential,
            via,
            rpId,
            enrolled,
            invitedBy,
            validFrom,
          })),
        recoveryCodes: port.tickets.recoveryOf(person.id).length,
      })),
    }),
  }),
  route({
    method: 'POST',
    path: '/v1/people/:id/invite',
    who: 'signed-in',
    does: 'Invites a person to enrol a passkey (an admin signs it); mails her a link that is good once, or answers it where no mail reaches her.',
    async handle(call) {
      const { port, params, origin } = call;
      const id = params['id'] ?? '';
      const subject = port.person(id);
      if (subject === undefined || subject.disabled === true) {
        const able = port.people().filter(({ disabled }) => disabled !== true);
        const hint = orNearest(
          id,
          able.map((one) => one.id),
        );
        return { problem: problem('PERSON_UNKNOWN', { id, hint }) };
      }
      const made = port.enrolment.invite(subject, signedIn(call).person);
      if (!made.ok) return { refused: made.error };
      const { act, code } = made.value;
      return whenSigned(call, async (operations) => {
        const done = await operations.act(act);
        if (!done.ok) return done;
        const link = `${origin}/enrol#${code}`;
        const mailed = await port.mailInvitation(subject, link);
        // Whoever sees the link can enrol in her place: where it reaches her by itself, nobody else is shown it.
        return ok({ person: subject.id, ...mailed, ...(mailed.mailed ? {} : { link }) });
      });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/passkeys/start',
    who: 'signed-in',
    does: 'Options for navigator.credentials.create, for another passkey of hers.',
    handle: async (call) => ({ value: call.port.enrolment.beginSecond(call.origin, signedIn(call).person) }),
  }),
  route({
    method: 'POST',
    path: '/v1/passkeys',
    who: 'signed-in',
    does: 'Enrols another passkey of hers, once it is signed by one that she has.',
    body: z.strictObject({ response: credential }),
    async handle(call) {
      const { person } = signedIn(call);
      const made = await call.port.enrolment.second(call.origin, person, call.body.response as JsonObject);
      if (!made.ok) return { problem: made.error };
      return whenSigned(call, (operations) => operations.act(made.value));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/passkeys/:id/remove',
    who: 'signed-in',
    does: 'Takes a passkey away (its person or an admin signs it).',
    async handle(call) {
      const { port, params } = call;
      const passkey = port.passkeys.find(params['id'] ?? '');
      if (passkey === undefined) return { problem: problem('PASSKEY_UNKNOWN', { id: params['id'] ?? '' }) };
      const admins = port
        .people()
        .filter(({ roles, disabled }) => roles.includes('admin') && disabled !== true);
      const act = removePasskey(
        port.passkeys,
        passkey,
        admins.map(({ id }) => id),
      );
      return whenSigned(call, (operations) => operations.act(act));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/recovery-codes',
    who: 'signed-in',
    does: 'New recovery codes, shown once; the ones before are good no more.',
    async handle(call) {
      const { act, codes } = call.port.enrolment.newCodes(signedIn(call).person);
      return whenSigned(call, async (operations) => {
        const done = await operations.act(act);
        return done.ok ? ok({ recoveryCodes: codes }) : err(done.error);
      });
    },
  }),
];
