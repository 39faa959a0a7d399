import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { type Route, route } from '../route.ts';
import { whenSigned } from '../when-signed.ts';

const ttl = z.strictObject({ ttlMs: z.int().positive().default(LIMITS.tokenTtlMs) });
const id = (params: Readonly<Record<string, string>>) => params['id'] ?? '';

/** What the command line does by the socket, done by a signed-in person. */
export const OPERATE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/stop',
    who: 'signed-in',
    does: 'What a stop would cut now; stops nothing.',
    query: z.strictObject({ scope: z.string(), level: z.string().default('frozen') }),
    handle: (call) =>
      whenSigned(call, (operations) => operations.previewStop(call.query.scope, call.query.level)),
  }),
  route({
    method: 'POST',
    path: '/v1/stop',
    who: 'signed-in',
    does: 'Stops an agent or everything, at once; needs no signature.',
    body: z.strictObject({
      scope: z.string(),
      level: z.string().default('frozen'),
      why: z.string().optional(),
    }),
    handle: (call) =>
      whenSigned(call, (operations) => operations.stop(call.body.scope, call.body.level, call.body.why)),
  }),
  route({
    method: 'POST',
    path: '/v1/release',
    who: 'signed-in',
    does: 'Takes a stop back, once it is signed.',
    body: z.strictObject({ scope: z.string(), why: z.string() }),
    handle: (call) => whenSigned(call, (operations) => operations.release(call.body.scope, call.body.why)),
  }),
  route({
    method: 'POST',
    path: '/v1/agents/:id/token',
    who: 'signed-in',
    does: 'Makes a bearer token of an agent, once it is signed.',
    body: ttl,
    handle: (call) =>
      whenSigned(call, (operations) => operations.makeToken(id(call.params), call.body.ttlMs)),
  }),
  route({
    method: 'POST',
    path: '/v1/agents/:id/revoke',
    who: 'signed-in',
    does: 'Ends every token of an agent.',
    handle: (call) => whenSigned(call, (operations) => operations.revokeTokens(id(call.params))),
  }),
  route({
    method: 'POST',
    path: '/v1/points/:id/token',
    who: 'signed-in',
    does: 'Makes a bearer token of a point, once it is signed.',
    body: ttl,
    handle: (call) =>
      whenSigned(call, (operations) => operations.makePointToken(id(call.params), call.body.ttlMs)),
  }),
  route({
    method: 'POST',
    path: '/v1/points/:id/revoke',
    who: 'signed-in',
    does: 'Ends every token of a point.',
    handle: (call) => whenSigned(call, (operations) => operations.revokePointTokens(id(call.params))),
  }),
  route({
    method: 'POST',
    path: '/v1/apply',
    who: 'signed-in',
    does: 'Shows how the files differ from what is in force; without `dryRun` takes them, once it is signed.',
    body: z.strictObject({ dryRun: z.boolean().default(true) }),
    handle: (call) => whenSigned(call, (operations) => operations.apply(call.body.dryRun)),
  }),
  route({
    method: 'POST',
    path: '/v1/accept',
    who: 'signed-in',
    does: 'Shows what changed behind a pin; with the digest of what was `shown` takes it, once it is signed.',
    body: z.strictObject({
      upstream: z.string(),
      name: z.string().optional(),
      shown: z.string().optional(),
    }),
    handle: (call) =>
      whenSigned(call, (operations) =>
        operations.accept(call.body.upstream, call.body.name, call.body.shown),
      ),
  }),
  route({
    method: 'GET',
    path: '/v1/unconfirmed',
    who: 'signed-in',
    does: 'What was done while nobody could sign, and still stands: each to be confirmed or undone.',
    handle: async ({ port }) => ({ value: await port.unconfirmed() }),
  }),
  route({
    method: 'POST',
    path: '/v1/unconfirmed/confirm',
    who: 'signed-in',
    does: 'Confirms entries of that list, once it is signed.',
    body: z.strictObject({ entries: z.array(z.int().nonnegative()).min(1).max(10_000) }),
    handle: (call) => whenSigned(call, (operations) => operations.confirm(call.body.entries)),
  }),
];
