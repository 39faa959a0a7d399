import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok } from '../../base/result.ts';
import { makeStopCode } from '../../pipeline/credentials/stop-codes.ts';
import { mintStopKey, type StopKey } from '../../pipeline/credentials/stop-keys.ts';
import { makeStopKey, revokeStopKey, setStopCodes } from '../../pipeline/stop/stop-key-acts.ts';
import { savedPage } from '../brake/saved-page.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

/** Keys that stop and do nothing else; they outlive the session that made them. */
export const STOP_KEY_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/stop-keys',
    who: 'signed-in',
    does: 'Her keys that stop and do nothing else; for an admin, those of everybody.',
    async handle(call) {
      const { person } = signedIn(call);
      const { stopKeys } = call.port;
      const all = person.roles.includes('admin') ? stopKeys.all() : stopKeys.of(person.id);
      const codes = call.port.stopCodes.of(person.id).length;
      return {
        value: {
          keys: all.map(described),
          place: placeOf(call),
          codes,
          channel: call.port.stopTopic() !== null,
        },
      };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/stop-keys',
    who: 'signed-in',
    does: 'Makes a key that stops and does nothing else; it is shown once, with the link to keep on a phone.',
    handle(call) {
      const { person } = signedIn(call);
      const { stopKeys } = call.port;
      const { key, record } = mintStopKey(person.id, call.port.nowMs());
      return whenSigned(call, async (operations) => {
        if (stopKeys.of(person.id).length >= LIMITS.stopKeysPerPerson)
          return err(problem('TOO_MANY_STOP_KEYS', { limit: LIMITS.stopKeysPerPerson }));
        const done = await operations.act(makeStopKey(stopKeys, record));
        return done.ok ? ok({ ...described(record), key, link: `${placeOf(call)}#${key}` }) : done;
      });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/stop-page',
    who: 'signed-in',
    does: 'A page to keep on a phone, with new codes that stop once each over the channel; it is handed out once.',
    handle(call) {
      const { person } = signedIn(call);
      const { stopCodes, stopTopic } = call.port;
      const codes = Array.from({ length: LIMITS.stopCodes }, makeStopCode);
      return whenSigned(call, async (operations) => {
        const topic = stopTopic();
        if (topic === null) return err(problem('NO_STOP_CHANNEL'));
        const all = [...stopCodes.of(person.id), ...codes.map((code) => digestOf(code))];
        const good = all.slice(-LIMITS.stopCodesPerPerson);
        const done = await operations.act(setStopCodes(stopCodes, person.id, good));
        if (!done.ok) return done;
        return ok({
          page: savedPage(topic, person.id, codes),
          name: 'lanyard-stop.html',
          codes: codes.length,
        });
      });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/stop-page/revoke',
    who: 'signed-in',
    does: 'Ends all of her codes: for a phone that was lost.',
    handle(call) {
      const { person } = signedIn(call);
      const { stopCodes } = call.port;
      return whenSigned(call, (operations) => operations.act(setStopCodes(stopCodes, person.id, [])));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/stop-keys/:id/revoke',
    who: 'signed-in',
    does: "Ends a key that stops: one's own at once, another's once an admin has signed it.",
    async handle(call) {
      const { stopKeys } = call.port;
      const found = stopKeys.find(call.params['id'] ?? '');
      const { person } = signedIn(call);
      const mine = found?.person === person.id;
      if (found === undefined || (!mine && !person.roles.includes('admin')))
        return { problem: problem('STOP_KEY_UNKNOWN', { id: call.params['id'] ?? '' }) };
      return whenSigned(call, async (operations) => {
        const done = await operations.act(revokeStopKey(stopKeys, found, mine));
        return done.ok ? ok({ revoked: found.id }) : done;
      });
    },
  }),
];

const described = ({ id, person, madeMs }: StopKey) => ({ id, person, made: toInstant(madeMs) });

/** The page that is good for keeping: here, where people already reach this instance. */
const placeOf = ({ origin }: { readonly origin: string }): string => `${origin}/stop`;
