import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import type { Target, TargetRef } from '../../src/model/action.ts';
import { LEVELS } from '../../src/model/level.ts';
import { NO_PAST, type PastFacts } from '../../src/model/past.ts';
import { EFFECTS, RISKS } from '../../src/model/risk.ts';
import type { PolicyRequest, World, WorldOperation } from '../../src/policy/index.ts';
import { conditionOn, type ObjectField, randomInput } from './random-shapes.ts';

/** A random world with rules that fit it and requests that fit its schemas. */
interface Scenario {
  readonly world: World;
  readonly rules: readonly string[];
  readonly requests: readonly PolicyRequest[];
}

const LIMITS = { inFlight: 1, attemptsPerMinute: 1, logBytesPerDay: 1 };
const PEOPLE: World['people'] = [
  { id: 'ada', name: 'Ada', roles: ['owner', 'reviewer'] },
  { id: 'bob', name: 'Bob', roles: ['owner'] },
];
const AGENTS: World['agents'] = [
  { id: 'writer', owner: 'ada', purpose: 'writes', level: 'live', teams: ['docs', 'all'], limits: LIMITS },
  { id: 'mender', owner: 'bob', purpose: 'mends', level: 'watched', teams: ['all'], limits: LIMITS },
];
const ANY_PAST = Object.fromEntries(
  Object.entries(NO_PAST).map(([name, none]) => [
    name,
    typeof none === 'boolean' ? fc.boolean() : fc.nat(12),
  ]),
) as { readonly [K in keyof PastFacts]: fc.Arbitrary<PastFacts[K]> };
const TYPES: World['types'] = {
  Target: { parents: [], attributes: [] },
  Path: { parents: ['Path'], attributes: ['name'] },
  Org: { parents: [], attributes: [] },
  Repo: { parents: ['Org'], attributes: ['host'] },
};

const root: TargetRef = { type: 'Path', id: '/' };
const srv: TargetRef = { type: 'Path', id: '/srv' };
const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  Target: [{ type: 'Target', id: 'files', ancestors: [], attributes: { id: 'files' } }],
  Path: [
    { type: 'Path', id: '/srv/a', ancestors: [srv, root], attributes: { id: '/srv/a', name: 'a' } },
    { type: 'Path', id: '/srv/.env', ancestors: [srv, root], attributes: { id: '/srv/.env', name: '.env' } },
    { type: 'Path', id: '/', ancestors: [], attributes: { id: '/', name: '' } },
  ],
  Repo: [
    { type: 'Repo', id: 'acme/x', ancestors: [{ type: 'Org', id: 'acme' }], attributes: { host: 'h' } },
    { type: 'Repo', id: 'évil/"x"', ancestors: [{ type: 'Org', id: 'évil' }], attributes: { host: '' } },
  ],
};

const risk = fc.constantFrom(...RISKS, 'read', 'unclassified').map((each) => `risk:${each}`);
const effect = fc.constantFrom(...EFFECTS).map((each) => `effect:${each}`);

interface Made {
  readonly operation: WorldOperation;
  readonly input: ObjectField;
}

function madeOperation(name: string): fc.Arbitrary<Made> {
  return fc
    .record({
      input: randomInput,
      risk,
      effect,
      types: fc.subarray(['Path', 'Repo', 'Target'], { minLength: 1, maxLength: 2 }),
    })
    .map(({ input, risk: riskGroup, effect: effectGroup, types }) => ({
      input,
      operation: {
        id: `mcp:files/${name}`,
        upstream: 'files',
        groups:
          riskGroup === 'risk:unclassified'
            ? [riskGroup, 'upstream:files']
            : [riskGroup, effectGroup, 'upstream:files'],
        inputSchema: isJsonObject(input.schema) ? input.schema : null,
        kind: 'tool',
        targetTypes: types,
      },
    }));
}

const principal = fc.constantFrom(
  ...['principal', 'principal', 'principal', 'principal == Agent::"writer"', 'principal in Team::"docs"'],
  ...['principal is Agent', 'principal is Agent in Team::"all"', 'principal in Agent::"mender"'],
);
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  Path: [
    'resource in Path::"/srv"',
    'resource == Path::"/srv/a"',
    'resource is Path',
    'resource is Path in Path::"/"',
  ],
  Repo: ['resource in Org::"acme"', 'resource is Repo', 'resource == Repo::"évil/\\"x\\""'],
  Target: ['resource is Target', 'resource == Target::"files"'],
};
const GENERAL = [
  ...['resource.id like "*.env"', 'resource.id == "files"', 'resource in Path::"/srv"', 'resource is Repo'],
  ...[
    'principal.level == "live"',
    'principal.owner == Person::"ada"',
    'principal.owner.roles.contains("reviewer")',
  ],
  ...[
    'context.system.now > datetime("2026-01-01")',
    'context.system.door == "mcp"',
    'context.system.marks.contains("untrusted")',
  ],
  ...[
    'context.system has extra && context.system.extra like "*x*"',
    'context.system.now.toTime() < duration("12h")',
  ],
  ...['context.system.now.offset(duration("1d")).durationSince(datetime("2026-01-01")).toDays() > 30'],
  ...['action in [Action::"risk:read", Action::"effect:delete"]', 'action == Action::"mcp:files/one"'],
  ...['if principal in Team::"docs" then context.system.session == "s1" else resource.id != ""'],
  ...[
    'resource has host',
    'resource has name && resource.name like ".*"',
    'context has input',
    'principal has owner.roles',
  ],
  // In error, at some times of day and in some sessions.
  ...['context.system.now.offset(duration("106751991167d")) > datetime("2026-01-01")'],
  ...[
    'context.system.session == "s1" || context.system.now.toTime().toMilliseconds() * 9007199254740991 > 0',
  ],
  ...['resource.id like "*/*" && context.system.now.toTime().toMilliseconds() * 9007199254740991 > 0'],
  ...['context.input has path', 'context == context', 'context.input has n', 'true', 'false', '1 + 1 == 2'],
];

function ruleFor({ operation, input }: Made): fc.Arbitrary<string> {
  const condition = fc.oneof(
    { arbitrary: conditionOn(input), weight: 3 },
    { arbitrary: fc.constantFrom(...GENERAL), weight: 1 },
  );
  const resources = operation.targetTypes.flatMap((type) => RESOURCES[type] ?? []);
  return fc
    .record({
      effect: fc.constantFrom(
        'permit',
        'permit',
        'forbid',
        '@review("owner") forbid',
        '@review("role:reviewer") @within("8h") forbid',
      ),
      principal,
      resource: fc.constantFrom('resource', 'resource', 'resource', ...resources),
      clauses: fc.array(fc.tuple(fc.constantFrom('when', 'when', 'unless'), condition), {
        minLength: 0,
        maxLength: 2,
      }),
    })
    .map(
      (rule) =>
        `${rule.effect} (${rule.principal}, action == Action::"${operation.id}", ${rule.resource})` +
        rule.clauses.map(([kind, text]) => ` ${kind} { ${text} }`).join(''),
    );
}

/** Rules about groups: what they say must fit every operation. */
const groupRule: fc.Arbitrary<string> = fc
  .record({
    effect: fc.constantFrom('permit', 'permit', 'permit', 'forbid', '@review("owner") forbid'),
    principal,
    action: fc.constantFrom(
      'action',
      'action in Action::"risk:read"',
      'action in Action::"upstream:files"',
      'action in [Action::"risk:draft", Action::"effect:delete"]',
    ),
    resource: fc.constantFrom('resource', 'resource', ...Object.values(RESOURCES).flat()),
    condition: fc.option(fc.constantFrom(...GENERAL), { nil: undefined }),
    kind: fc.constantFrom('when', 'unless'),
  })
  .map(
    (rule) =>
      `${rule.effect} (${rule.principal}, ${rule.action}, ${rule.resource})` +
      (rule.condition === undefined ? '' : ` ${rule.kind} { ${rule.condition} }`),
  );

function requestFor({ operation, input }: Made): fc.Arbitrary<PolicyRequest> {
  const targets = operation.targetTypes.flatMap((type) => TARGETS[type] ?? []);
  return fc
    .record({
      agent: fc.constantFrom('writer', 'mender'),
      level: fc.constantFrom(...LEVELS.slice(0, 2), 'live'),
      targets: fc.subarray([...targets], { minLength: 1, maxLength: Math.min(3, targets.length) }),
      args: input.value,
      extra: fc.constantFrom(undefined, undefined, { x: 1 }),
      isOpenBelow: fc.boolean(),
      nowMs: fc.constantFrom(0, 1_795_000_000_000, 1_795_000_012_345),
      marks: fc.subarray(['untrusted', 'personal']),
      past: fc.option(fc.record(ANY_PAST), { nil: undefined }),
      unsure: fc.boolean(),
      session: fc.constantFrom('s1', 's2'),
    })
    .map(({ args, extra, isOpenBelow, nowMs, marks, session, past, unsure, ...rest }) => ({
      ...rest,
      level: rest.level === 'watched' ? 'watched' : 'live',
      operation: operation.id,
      arguments: isJsonObject(args) ? (isOpenBelow ? withMore(args) : args) : ({} satisfies JsonObject),
      ...(extra === undefined ? {} : { extra }),
      system: { nowMs, session, door: 'mcp', marks, unsure, ...(past === undefined ? {} : { past }) },
    }));
}

/** The same with a member in every object below that no schema names, as `additionalProperties` lets them in. */
function withMore(args: JsonObject): JsonObject {
  const more = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(more);
    return isJsonObject(value) ? { ...withMore(value), unnamed: 'x' } : value;
  };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, more(value)]));
}

export function randomScenario(requests: number): fc.Arbitrary<Scenario> {
  return fc.tuple(madeOperation('one'), madeOperation('two')).chain((made) => {
    const [one, two] = made;
    const world: World = {
      people: PEOPLE,
      agents: AGENTS,
      operations: made.map(({ operation }) => operation),
      upstreams: [{ id: 'files', pinned: true }],
      types: TYPES,
    };
    const rule = fc.oneof(ruleFor(one), ruleFor(two), groupRule);
    return fc.record({
      world: fc.constant(world),
      rules: fc
        .array(rule, { minLength: 1, maxLength: 10, size: 'max' })
        .map((texts) => [
          ...texts,
          ...(texts.length % 3 === 0 ? [] : ['permit (principal, action, resource)']),
        ])
        .map((texts) => texts.map((text, i) => `@id("r${i}") @need("n") ${text};`)),
      requests: fc.array(fc.oneof(requestFor(one), requestFor(two)), {
        minLength: requests,
        maxLength: requests,
      }),
    });
  });
}
