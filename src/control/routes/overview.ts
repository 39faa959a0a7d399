import { type Route, route, signedIn } from '../route.ts';
import { readsOf } from './reading.ts';

/** What happens, what stands, and what is due. */
export const OVERVIEW_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/overview',
    who: 'signed-in',
    does: 'What a glance says: what waits, what is stopped, what is wrong, and what every agent is doing.',
    handle: (call) => readsOf(call, (reads) => reads.overview(signedIn(call).person)),
  }),
  route({
    method: 'GET',
    path: '/v1/duties',
    who: 'signed-in',
    does: 'What people owe.',
    handle: (call) => readsOf(call, (reads) => reads.duties()),
  }),
  route({
    method: 'GET',
    path: '/v1/events',
    who: 'signed-in',
    does: 'A stream of what happens: `action` with a row of it, `change` with what is to be asked for again.',
    media: 'text/event-stream',
    handle: async ({ port }) => ({
      events: (send) => port.reads?.follow(send) ?? (() => undefined),
    }),
  }),
];
