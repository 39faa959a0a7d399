import { z } from 'zod';
import { route, signedIn } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

const id = z.string().min(1).max(128);
const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);

/** What waits for people, and how they are reached. Looking changes nothing; what widens is signed. */
export const INBOX_ROUTES = [
  route({
    method: 'GET',
    path: '/v1/inbox',
    who: 'signed-in',
    does: 'What waits for whom: questions, alerts, what could not be delivered, and people without a channel.',
    answer: z.object({
      approvals: z.array(z.looseObject({ id: z.string() })),
      alerts: z.array(z.looseObject({ id: z.string() })),
      appeals: z.array(z.looseObject({ id: z.string() })),
      undelivered: z.array(z.looseObject({ lane: z.string() })),
      unreached: z.array(z.string()),
    }),
    handle: async (call) => ({ value: await call.port.operations(signedIn(call).person).inbox() }),
  }),
  route({
    method: 'GET',
    path: '/v1/alerts',
    who: 'signed-in',
    does: 'Of that the alerts and what could not be delivered: little, however many questions wait.',
    answer: z.object({
      alerts: z.array(z.looseObject({ id: z.string() })),
      undelivered: z.array(z.looseObject({ lane: z.string() })),
    }),
    handle: async (call) => ({ value: await call.port.operations(signedIn(call).person).alerts() }),
  }),
  route({
    method: 'POST',
    path: '/v1/acknowledge',
    who: 'signed-in',
    does: 'Somebody has seen an alert, or the undelivered messages of a lane; a page ends by it.',
    body: z.strictObject({ id, why: z.string().max(2000).optional() }),
    handle: (call) => whenSigned(call, (operations) => operations.acknowledge(call.body.id, call.body.why)),
  }),
  route({
    method: 'GET',
    path: '/v1/push-key',
    who: 'signed-in',
    does: 'The key that a browser subscribes with; null where Web Push is not configured.',
    answer: z.object({ key: z.string().nullable() }),
    handle: async (call) => ({ value: await call.port.operations(signedIn(call).person).pushKey() }),
  }),
  route({
    method: 'POST',
    path: '/v1/test-notice',
    who: 'signed-in',
    does: 'A test message to whoever is signed in, over each of her channels.',
    body: z.strictObject({}),
    handle: (call) => whenSigned(call, (operations) => operations.testNotice(signedIn(call).person.id)),
  }),
  route({
    method: 'POST',
    path: '/v1/subscribe',
    who: 'signed-in',
    does: 'This browser is told from now on what waits for whoever is signed in.',
    body: z.strictObject({ endpoint: z.string().max(8192), p256dh: base64url, auth: base64url }),
    handle: (call) =>
      whenSigned(call, (operations) => operations.subscribe(signedIn(call).person.id, call.body)),
  }),
  route({
    method: 'POST',
    path: '/v1/unsubscribe',
    who: 'signed-in',
    does: 'A browser of whoever is signed in is told no more.',
    body: z.strictObject({ channel: id }),
    handle: (call) =>
      whenSigned(call, (operations) => operations.unsubscribe(signedIn(call).person.id, call.body.channel)),
  }),
];
