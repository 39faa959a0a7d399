import { problem } from '../../base/errors.ts';
import { type Route, route } from '../route.ts';
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
        ? { problem: problem('AGENT_UNKNOWN', { id, hint: '.' }) }
        : answer;
    },
  }),
  route({
    method: 'GET',
    path: '/v1/inventory',
    who: 'signed-in',
    does: 'Every agent, upstream, operation and credential; what lacks a limit first.',
    handle: (call) => readsOf(call, (reads) => reads.inventory()),
  }),
];
