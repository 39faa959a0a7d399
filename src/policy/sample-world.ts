import type { JsonObject } from '../base/json.ts';
import type { Target } from '../model/action.ts';
import { loadPolicies } from './load.ts';
import type { PolicySet } from './policy-set.ts';
import type { PolicyProblem } from './problem.ts';
import type { LoadOptions } from './read-rules.ts';
import type { PolicyRequest } from './request.ts';
import type { World, WorldOperation } from './world.ts';

/** A small world for the tests of this room: two agents, a file server, a bank, and a wiki that never connected. */
const LIMITS = { inFlight: 1, attemptsPerMinute: 1, logBytesPerDay: 1 };

export function operation(
  name: string,
  inputSchema: JsonObject,
  more: Partial<WorldOperation> = {},
): WorldOperation {
  const upstream = name.split('/')[0] ?? '';
  return {
    id: `mcp:${name}`,
    upstream,
    groups: ['risk:draft', 'effect:update', `upstream:${upstream}`],
    inputSchema,
    kind: 'tool',
    targetTypes: ['Target'],
    ...more,
  };
}

const PATH: JsonObject = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };

export const WORLD: World = {
  people: [
    { id: 'ada', name: 'Ada', roles: ['owner', 'reviewer', 'admin'] },
    { id: 'bob', name: 'Bob', roles: ['owner'] },
  ],
  agents: [
    { id: 'writer', owner: 'ada', purpose: 'writes', level: 'live', teams: ['docs'], limits: LIMITS },
    { id: 'payer', owner: 'bob', purpose: 'pays', level: 'live', teams: ['money'], limits: LIMITS },
    { id: 'orphan', owner: 'gone', purpose: 'drifts', level: 'live', teams: [], limits: LIMITS },
  ],
  operations: [
    operation('files/read', PATH, {
      groups: ['risk:read', 'effect:read', 'upstream:files'],
      targetTypes: ['Path'],
    }),
    operation('files/write', PATH, { targetTypes: ['Path'] }),
    operation('files/odd', { type: 'object' }, { groups: ['risk:unclassified', 'upstream:files'] }),
    operation(
      'files/resources/read',
      {},
      { kind: 'resource', inputSchema: null, groups: ['risk:read', 'upstream:files'] },
    ),
    operation('bank/transfer', {
      type: 'object',
      properties: {
        amount: { type: 'number' },
        to: { type: 'string' },
        notes: { type: 'array', items: { type: 'number' } },
      },
      required: ['amount'],
    }),
  ],
  upstreams: [
    { id: 'files', pinned: true },
    { id: 'bank', pinned: true },
    { id: 'wiki', pinned: false },
  ],
  types: { Path: { parents: ['Path'], attributes: ['name'] } },
};

export function path(id: string): Target {
  const steps = id.split('/').slice(1, -1);
  const ancestors = steps.map((_, i) => ({ type: 'Path', id: `/${steps.slice(0, i + 1).join('/')}` }));
  return { type: 'Path', id, ancestors, attributes: { id, name: id.split('/').at(-1) ?? '' } };
}

export function plain(upstream: string): Target {
  return { type: 'Target', id: upstream, ancestors: [], attributes: { id: upstream } };
}

/** Writing /srv/a.txt, unless told otherwise. */
export function request(more: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    agent: 'writer',
    level: 'live',
    operation: 'mcp:files/write',
    targets: [path('/srv/a.txt')],
    arguments: { path: '/srv/a.txt' },
    system: { nowMs: 1_795_000_000_000, session: 's', door: 'mcp', marks: [] },
    ...more,
  };
}

export function load(text: string, world: World = WORLD, options?: LoadOptions): PolicySet {
  const loaded = loadPolicies([{ name: 'rules.cedar', text }], world, options);
  if (loaded.ok) return loaded.value;
  throw new Error(loaded.error.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n'));
}

/** Problems as `line:column severity message (hint)`. */
export function problemsOf(text: string, world: World = WORLD, options?: LoadOptions): string[] {
  const loaded = loadPolicies([{ name: 'rules.cedar', text }], world, options);
  return (loaded.ok ? loaded.value.warnings : loaded.error).map(line);
}

function line({ line: at, column, severity, message, hint }: PolicyProblem): string {
  return `${at}:${column} ${severity} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
