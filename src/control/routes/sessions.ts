import { problem } from '../../base/errors.ts';
import type { ApiOpenSession } from '../../contract/control-api.ts';
import { type Route, route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

/** Who is signed in where, for somebody who finds a session that is not hers. */
export const SESSION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/sessions',
    who: 'signed-in',
    does: 'Her sessions that are open; for an admin, those of everybody.',
    async handle(call) {
      const { person, session } = signedIn(call);
      const open = (await call.port.operations(person).sessions())
        .filter((one) => person.roles.includes('admin') || one.person === person.id)
        .map((one): ApiOpenSession => ({ ...one, isThis: one.session === session }));
      return { value: open };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/sessions/:id/end',
    who: 'signed-in',
    does: 'Ends a session of hers; an admin ends anybody’s. What it had open is closed.',
    async handle(call) {
      const { params, port } = call;
      const { person } = signedIn(call);
      const id = params['id'] ?? '';
      const found = (await port.operations(person).sessions()).find((one) => one.session === id);
      // Whoever may not see it is told what she would be told of none.
      const mine = found?.person === person.id || person.roles.includes('admin');
      if (found === undefined || !mine) return { problem: problem('SESSION_UNKNOWN', { id }) };
      return whenSigned(call, (operations) => operations.endSession(id));
    },
  }),
];
