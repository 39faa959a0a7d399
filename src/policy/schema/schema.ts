import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { ASK_KINDS } from '../../model/ask.ts';
import { LEVELS } from '../../model/level.ts';
import { NO_PAST } from '../../model/past.ts';
import { AUDIENCES, CHANGES, EFFECTS, REVERSIBILITIES, RISKS } from '../../model/risk.ts';
import { PLAIN_TARGET, type World, type WorldOperation } from '../world.ts';
import type { RecordShape, Shape } from './shape.ts';

/** The Cedar schema as JSON, in the form the official engine reads. Built as values, never by pasting text. */
export interface CedarSchema {
  readonly entityTypes: Record<string, Json>;
  readonly actions: Record<string, Json>;
}

export const RISK_GROUPS: readonly string[] = [...RISKS, 'unclassified'].map((risk) => `risk:${risk}`);
export const EFFECT_GROUPS: readonly string[] = EFFECTS.map((effect) => `effect:${effect}`);
/** What upstreams ask in the middle of a call. */
const ASK_GROUPS: readonly string[] = ASK_KINDS.map((kind) => `ask:${kind}`);

/** What else a catalog says of an operation: who sees it, whether it can be taken back, whom or what it names or changes. */
export const CATALOG_GROUPS: readonly string[] = [
  ...AUDIENCES.map((audience) => `audience:${audience}`),
  ...REVERSIBILITIES.map((reversibility) => `reversibility:${reversibility}`),
  ...CHANGES.map((change) => `changes:${change}`),
  'names:people',
  'names:money',
];

/** Every group that rules can name, members or not: the official engine refuses an undeclared one. */
export function groupsOf(world: World): string[] {
  const groups = new Set([...RISK_GROUPS, ...EFFECT_GROUPS, ...CATALOG_GROUPS, ...ASK_GROUPS]);
  for (const { id } of world.upstreams) groups.add(`upstream:${id}`);
  for (const operation of world.operations) for (const group of operation.groups) groups.add(group);
  return [...groups];
}

/**
 * `operations` with their shapes are declared in full; `named` are declared as actions that apply to nothing, so that
 * rules may name them: operations of upstreams never pinned.
 */
export function buildSchema(
  world: World,
  operations: readonly { readonly operation: WorldOperation; readonly shape: RecordShape }[],
  named: Iterable<string>,
): CedarSchema {
  const actions: Record<string, Json> = {};
  for (const group of groupsOf(world)) actions[group] = {};
  for (const id of named) actions[id] = {};
  for (const { operation, shape } of operations)
    actions[operation.id] = {
      memberOf: operation.groups.map((id) => ({ type: 'Action', id })),
      appliesTo: {
        principalTypes: ['Agent'],
        resourceTypes: [...operation.targetTypes],
        context: contextType(shape),
      },
    };
  return { entityTypes: entityTypes(world), actions };
}

function entityTypes(world: World): Record<string, Json> {
  const types: Record<string, Json> = {
    Team: {},
    Person: { shape: recordType({ roles: { type: 'Set', element: STRING } }) },
    Agent: {
      memberOfTypes: ['Team'],
      shape: recordType({ owner: { type: 'Entity', name: 'Person' }, level: STRING }),
    },
  };
  const plain = { [PLAIN_TARGET]: { parents: [], attributes: [] } };
  for (const [name, type] of Object.entries({ ...plain, ...world.types })) {
    const attributes = Object.fromEntries(['id', ...type.attributes].map((attribute) => [attribute, STRING]));
    types[name] = { memberOfTypes: [...type.parents], shape: recordType(attributes) };
  }
  return types;
}

const STRING: Json = { type: 'String' };
const LONG: Json = { type: 'Long' };
const BOOL: Json = { type: 'Boolean' };

function recordType(attributes: Record<string, Json>): JsonObject {
  return { type: 'Record', attributes };
}

const PAST_TYPES: Record<string, Json> = Object.fromEntries(
  Object.entries(NO_PAST).map(([name, none]) => [name, typeof none === 'boolean' ? BOOL : LONG]),
);

/** `context.system`. */
export const SYSTEM: JsonObject = recordType({
  now: { type: 'Extension', name: 'datetime' },
  session: STRING,
  door: STRING,
  marks: { type: 'Set', element: STRING },
  ...PAST_TYPES,
  unsure: BOOL,
  extra: { type: 'String', required: false },
  responses: { type: 'String', required: false },
});

/** Made once for a shape: thousands of operations are declared each time that rules are loaded. */
const contexts = new WeakMap<RecordShape, JsonObject>();
const digests = new WeakMap<JsonObject, string>();

function contextType(input: RecordShape): JsonObject {
  const known = contexts.get(input);
  if (known !== undefined) return known;
  const context = recordType({ input: cedarType(input), system: SYSTEM });
  contexts.set(input, context);
  return context;
}

/** Digest of the context of an action. */
export function contextDigest(context: JsonObject): string {
  const known = digests.get(context);
  if (known !== undefined) return known;
  const digest = digestOf(canonicalize(context));
  digests.set(context, digest);
  return digest;
}

const schemaDigests = new WeakMap<CedarSchema, string>();

/**
 * Digest of a whole schema, whatever the order of its actions. Each context enters it by a digest of its own, so that only
 * new ones are written out.
 */
export function schemaDigest(schema: CedarSchema): string {
  const known = schemaDigests.get(schema);
  if (known !== undefined) return known;
  const actions = Object.entries(withContexts(schema.actions, contextDigest));
  actions.sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = digestOf(JSON.stringify([canonicalize(schema.entityTypes), actions]));
  schemaDigests.set(schema, digest);
  return digest;
}

/** The actions with something else in place of each context. */
export function withContexts(
  actions: CedarSchema['actions'],
  put: (context: JsonObject) => Json,
): Record<string, Json> {
  const changed = Object.entries(actions).map(([id, action]): [string, Json] => {
    const appliesTo = isJsonObject(action) ? action['appliesTo'] : undefined;
    const context = isJsonObject(appliesTo) ? appliesTo['context'] : undefined;
    if (!isJsonObject(action) || !isJsonObject(appliesTo) || !isJsonObject(context)) return [id, action];
    return [id, { ...action, appliesTo: { ...appliesTo, context: put(context) } }];
  });
  return Object.fromEntries(changed);
}

function cedarType(shape: Shape): { readonly [key: string]: Json } {
  switch (shape.kind) {
    case 'string':
    case 'text':
      return { type: 'String' };
    case 'long':
      return { type: 'Long' };
    case 'bool':
      return { type: 'Boolean' };
    case 'decimal':
      return { type: 'Extension', name: 'decimal' };
    case 'set':
      return { type: 'Set', element: cedarType(shape.element) };
    case 'record': {
      const members = [...shape.members].map(([name, { shape: member, required }]) => [
        name,
        { ...cedarType(member), required },
      ]);
      return { type: 'Record', attributes: Object.fromEntries(members) };
    }
  }
}

const BUILT_IN = ['Agent', 'Person', 'Team', 'Action'];
// What Cedar keeps for itself, and its own types, which an entity type may not shadow.
const RESERVED = [
  ...['Bool', 'Boolean', 'Entity', 'EntityOrCommon', 'Extension', 'Long', 'Record', 'Set', 'String'],
  ...['datetime', 'decimal', 'duration', 'ipaddr'],
  ...['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has'],
];
const TYPE_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** What keeps a world from having a schema; each is a sentence. */
export function checkWorld(world: World): string[] {
  const complaints: string[] = [];
  const types = new Set([PLAIN_TARGET, ...Object.keys(world.types)]);
  for (const name of types)
    if (!TYPE_NAME.test(name) || BUILT_IN.includes(name) || RESERVED.includes(name))
      complaints.push(`"${name}" cannot be the name of a target type`);
  for (const [name, type] of Object.entries(world.types)) {
    for (const parent of type.parents)
      if (!types.has(parent)) complaints.push(`the parent type "${parent}" of ${name} is not declared`);
    for (const attribute of type.attributes)
      if (attribute.startsWith('__')) complaints.push(`${name} cannot have an attribute "${attribute}"`);
  }
  const groups = new Set(groupsOf(world));
  const ids = new Set<string>();
  for (const { id, targetTypes } of world.operations) {
    if (ids.has(id)) complaints.push(`the operation ${id} is declared twice`);
    if (groups.has(id)) complaints.push(`${id} is both an operation and a group`);
    ids.add(id);
    if (targetTypes.length === 0) complaints.push(`the operation ${id} has no target type`);
    for (const type of targetTypes)
      if (!types.has(type)) complaints.push(`the target type "${type}" of ${id} is not declared`);
  }
  for (const { id, level } of world.agents)
    if (!LEVELS.includes(level)) complaints.push(`the agent ${id} has no level "${level}"`);
  return complaints;
}
