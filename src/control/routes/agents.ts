import { z } from 'zod';
import { problem } from '../../base/errors.ts';
import { type Route, route } from '../route.ts';
import { whenSigned } from '../when-signed.ts';
import { readsOf } from './reading.ts';

/** Who may act, and what each could do. */
export const AGENT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/agents',
    who: 'signed-in',
    does: 'Every agent: its owner, purpose, level, and what it did in the last minutes.',
    handle: (call) => readsOf(call, (reads) => reads.agents()),
  }),
  route({
    method: 'GET',
    path: '/v1/agents/:id',
    who: 'signed-in',
    does: 'One agent, and everything it could do.',
    async handle(call) {
      const id = call.params['id'] ?? '';
      const answer = await readsOf(call, (reads) => reads.agent(id));
      return 'value' in answer && answer.value === null
        ? { problem: problem('AGENT_UNKNOWN', { id }) }
        : answer;
    },
  }),
  route({
    method: 'POST',
    path: '/v1/agents/:id/review',
    who: 'signed-in',
    does: 'Its owner has looked at what it did, up to now; ends the duty that `cadence` makes. Needs no signature.',
    body: z.strictObject({}),
    handle: (call) => whenSigned(call, (operations) => operations.reviewAgent(call.params['id'] ?? '')),
  }),
  route({
    method: 'GET',
    path: '/v1/inventory',
    who: 'signed-in',
    does: 'Every agent, upstream, operation and credential; what lacks a limit first.',
    handle: (call) => readsOf(call, (reads) => reads.inventory()),
  }),
];
