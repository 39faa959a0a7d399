import { expect, test } from 'vitest';
import { configurationShape } from '../configuration/shape.ts';
import { checkNamed } from './resolve-agent.ts';

test('what a purpose takes and what budgets count must be there, and the nearest is named', () => {
  const configuration = configurationShape.parse({
    agents: [
      {
        id: 'writer',
        owner: 'ada',
        does: ['effect:delet', 'mcp:box/anything'],
        budgets: { few: { actions: 1, per: 'day', of: 'mcp:bax/write' }, some: { actions: 1, per: 'day' } },
      },
    ],
    upstreams: { box: { url: 'http://127.0.0.1:1/mcp' } },
  });
  const said: string[] = [];
  checkNamed(configuration, (path, message) => said.push(`${path.join('.')}: ${message}`));
  expect(said).toEqual([
    'agents.0.does: `effect:delet` is no group or operation here; did you mean `effect:delete`?',
    'agents.0.budgets.few.of: `mcp:bax/write` is no group or operation here; known are groups such as risk:read, and operations',
  ]);
});
