import type { JsonObject } from '../../src/base/json.ts';
import type { PolicyRequest, World, WorldOperation } from '../../src/policy/index.ts';

/** Rules in both forms, a world for them, and a request: what every engine is measured on. */
export interface RuleSet {
  readonly name: string;
  readonly cedar: string;
  /** The same rules as conditions of the peer's engine, with its words in place of what it cannot say. */
  readonly peer: readonly {
    readonly name: string;
    readonly condition: string;
    readonly ruleAction: 'allow' | 'deny';
  }[];
  readonly peerContext: () => Record<string, unknown>;
  readonly world: World;
  /** Makes a fresh request each time: building one belongs to what is measured. */
  readonly request: () => PolicyRequest;
}

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    host: { type: 'string' },
    method: { type: 'string' },
    branch: { type: 'string' },
    title: { type: 'string' },
    body: { type: 'string' },
    size: { type: 'integer' },
    risk: { type: 'integer' },
    count: { type: 'integer' },
    dry: { type: 'boolean' },
    tainted: { type: 'boolean' },
    approved: { type: 'boolean' },
    labels: { type: 'array', items: { type: 'string' } },
    lines: { type: 'array', items: { type: 'integer' } },
    user: { type: 'string' },
    mode: { type: 'string' },
  },
  required: [
    'path',
    'host',
    'method',
    'branch',
    'title',
    'body',
    'size',
    'risk',
    'count',
    'dry',
    'tainted',
    'approved',
    'labels',
    'lines',
    'user',
    'mode',
  ],
};

const input = (): JsonObject => ({
  path: '/srv/work/docs/guide.md',
  host: 'api.example.org',
  method: 'POST',
  branch: 'fix/typo',
  title: 'Mend a typo',
  body: 'The word was misspelt.',
  size: 4096,
  risk: 3,
  count: 1,
  dry: false,
  tainted: false,
  approved: false,
  labels: ['docs', 'small'],
  lines: [12, 13],
  user: 'writer',
  mode: 'edit',
});

const SERVERS = 10;
const TOOLS = 10;
const TEAMS = 40;

const operations: WorldOperation[] = Array.from({ length: SERVERS * TOOLS }, (_, i) => ({
  id: `mcp:s${Math.floor(i / TOOLS)}/t${i % TOOLS}`,
  upstream: `s${Math.floor(i / TOOLS)}`,
  groups: ['risk:draft', 'effect:update', `upstream:s${Math.floor(i / TOOLS)}`],
  inputSchema: SCHEMA,
  kind: 'tool',
  targetTypes: ['Path'],
}));

const LIMITS = { inFlight: 1, attemptsPerMinute: 1, logBytesPerDay: 1 };
const team = (i: number) => `team${i}`;

/** One agent in four teams, and one more in every team there is, so that each has a name. */
const WORLD: World = {
  people: [{ id: 'ada', name: 'Ada', roles: ['owner'] }],
  agents: [
    {
      id: 'writer',
      owner: 'ada',
      purpose: 'p',
      level: 'live',
      teams: [0, 1, 2, 3].map(team),
      limits: LIMITS,
    },
    {
      id: 'other',
      owner: 'ada',
      purpose: 'p',
      level: 'live',
      teams: Array.from({ length: TEAMS }, (_, i) => team(i)),
      limits: LIMITS,
    },
  ],
  operations,
  upstreams: Array.from({ length: SERVERS }, (_, i) => ({ id: `s${i}`, pinned: true })),
  types: { Path: { parents: ['Path'], attributes: ['name'] } },
};

const request = (): PolicyRequest => ({
  agent: 'writer',
  level: 'live',
  operation: 'mcp:s0/t0',
  targets: [
    {
      type: 'Path',
      id: '/srv/work/docs/guide.md',
      ancestors: ['/srv/work/docs', '/srv/work', '/srv'].map((id) => ({ type: 'Path', id })),
      attributes: { id: '/srv/work/docs/guide.md', name: 'guide.md' },
    },
  ],
  arguments: input(),
  system: { nowMs: 1_795_000_000_000, session: '01KZZZ', door: 'mcp', marks: [] },
});

const peerContext = () => ({
  agent: 'writer',
  teams: 'team0',
  operation: 'mcp:s0/t0',
  server: 's0',
  door: 'mcp',
  ...input(),
});

/** `count` rules of which at most ten can match the request: the others are about other tools. */
export function fewAble(count: number): RuleSet {
  const cedar: string[] = [];
  const peer: RuleSet['peer'][number][] = [];
  for (let i = 0; i < count; i++) {
    const tool = i < 10 ? 0 : 1 + (i % (SERVERS * TOOLS - 1));
    const operation = operations[tool]?.id ?? '';
    const permit = i % 2 === 0;
    const effect = permit ? '@need("bench") permit' : 'forbid';
    const condition = permit
      ? `context.input.path like "/srv/work/*" && context.input.size < ${100_000 + i} && context.system.door == "mcp"`
      : `context.input.host like "*.evil${i}.example" && !context.input.approved`;
    cedar.push(
      `@id("r${i}") ${effect} (principal in Team::"${team(i % 4)}", action == Action::"${operation}", resource) when { ${condition} };`,
    );
    peer.push({
      name: `r${i}`,
      condition: permit
        ? `agent == 'writer' and operation == '${operation}' and path == '/srv/work/docs/guide.md' and size < ${100_000 + i} and door == 'mcp'`
        : `agent == 'writer' and operation == '${operation}' and host == 'evil${i}.example' and approved == false`,
      ruleAction: permit ? 'allow' : 'deny',
    });
  }
  return {
    name: `${count} rules, few able to match`,
    cedar: cedar.join('\n'),
    peer,
    peerContext,
    world: WORLD,
    request,
  };
}

/** A base permit and a quarter each of four kinds; a third can match. */
export function manyAble(count: number): RuleSet {
  const cedar = [
    '@id("base") @need("bench") permit (principal is Agent, action, resource) when { context.input.risk < 9 };',
  ];
  const peer: RuleSet['peer'][number][] = [{ name: 'base', condition: 'risk < 9', ruleAction: 'allow' }];
  for (let i = 0; i < count; i++) {
    const n = Math.floor(i / 4);
    const server = `s${n % SERVERS}`;
    const operation = operations[n % operations.length]?.id ?? '';
    const group = team(n % TEAMS);
    const kinds = [
      [
        `@need("bench") permit (principal in Team::"${group}", action == Action::"${operation}", resource)`,
        `teams == '${group}' and operation == '${operation}'`,
      ],
      [
        `@need("bench") permit (principal in Team::"${group}", action in Action::"upstream:${server}", resource) when { context.input.size < ${1000 + n} && context.input.method == "POST" && context.input.labels.contains("docs") }`,
        `teams == '${group}' and server == '${server}' and size < ${1000 + n} and method == 'POST' and mode == 'edit'`,
      ],
      [
        `forbid (principal, action, resource) when { context.input.host like "*.evil${n}.example" }`,
        `host == 'evil${n}.example'`,
      ],
      [
        `forbid (principal, action in Action::"upstream:${server}", resource) when { context.input.risk >= ${4 + (n % 5)} && context.input.tainted } unless { context.input.approved }`,
        `server == '${server}' and risk >= ${4 + (n % 5)} and tainted == true and approved == false`,
      ],
    ] as const;
    const [head, condition] = kinds[i % 4] ?? kinds[0];
    cedar.push(`@id("r${i}") ${head};`);
    peer.push({ name: `r${i}`, condition, ruleAction: head.includes('permit') ? 'allow' : 'deny' });
  }
  return {
    name: `${count + 1} rules, a quarter of each kind`,
    cedar: cedar.join('\n'),
    peer,
    peerContext,
    world: WORLD,
    request,
  };
}
