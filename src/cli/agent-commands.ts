import { type Command, ONE_WORD } from './command.ts';

/** Who may ask: agents, the points that ask for them, and the tokens of both. */
export const AGENT_COMMANDS: readonly Command[] = [
  {
    name: 'agent list',
    usage: '[--json]',
    does: 'Agents, owners and levels.',
    options: { json: 'boolean' },
    load: () => import('./commands/agent-list.ts'),
  },
  {
    name: 'agent show',
    usage: 'ID [--json]',
    does: 'One agent.',
    words: ONE_WORD,
    options: { json: 'boolean' },
    load: () => import('./commands/agent-list.ts'),
  },
  {
    name: 'agent token',
    usage: 'ID [--ttl 90d]',
    does: 'Prints a new bearer token once; the old ones keep working until revoked.',
    words: ONE_WORD,
    options: { ttl: 'string' },
    load: () => import('./commands/agent-token.ts'),
  },
  {
    name: 'agent revoke',
    usage: 'ID',
    does: 'Ends every token of an agent.',
    words: ONE_WORD,
    load: () => import('./commands/agent-revoke.ts'),
  },
  {
    name: 'point list',
    usage: '[--json]',
    does: 'Programs that ask at the check door, and for which agents.',
    options: { json: 'boolean' },
    load: () => import('./commands/point-list.ts'),
  },
  {
    name: 'point token',
    usage: 'ID [--ttl 90d]',
    does: 'Prints a new bearer token of a point once; it is good at the check door alone.',
    words: ONE_WORD,
    options: { ttl: 'string' },
    load: () => import('./commands/point-token.ts'),
  },
  {
    name: 'point revoke',
    usage: 'ID',
    does: 'Ends every token of a point.',
    words: ONE_WORD,
    load: () => import('./commands/point-revoke.ts'),
  },
];
