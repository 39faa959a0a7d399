import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { WorldOperation } from '../world.ts';

/** How rules see one argument: made from its JSON schema, it is both the Cedar type and the reading of the value. */
export type Shape =
  | { readonly kind: 'string' | 'long' | 'decimal' | 'bool' }
  /** A String: the RFC 8785 text of whatever was sent. */
  | { readonly kind: 'text' }
  | { readonly kind: 'set'; readonly element: Shape }
  | RecordShape;

export interface RecordShape {
  readonly kind: 'record';
  readonly members: ReadonlyMap<string, Member>;
}

export interface Member {
  readonly shape: Shape;
  readonly required: boolean;
}

const TEXT: Shape = { kind: 'text' };
const STRING: Shape = { kind: 'string' };

const OF_RESOURCES = record([['uri', { shape: STRING, required: true }]]);
const OF_PROMPTS = record([
  ['name', { shape: STRING, required: true }],
  // Handed in as RFC 8785 text already: a String that is one.
  ['arguments', { shape: STRING, required: false }],
]);
const OF_NOTHING = record([]);
/** Shapes by the schema that each was read from: a schema is pinned for longer than one set of rules is in force. */
const shapes = new WeakMap<JsonObject, RecordShape>();

/** The shape of `context.input` for one operation. */
export function shapeOfInput(operation: WorldOperation): RecordShape {
  if (operation.kind === 'resource') return OF_RESOURCES;
  if (operation.kind === 'prompt') return OF_PROMPTS;
  const root = operation.inputSchema;
  if (root === null) return OF_NOTHING;
  const known = shapes.get(root);
  if (known !== undefined) return known;
  const shape = readShape(root);
  shapes.set(root, shape);
  return shape;
}

function readShape(root: JsonObject): RecordShape {
  const reader: Reader = { root, following: [], budget: { members: LIMITS.inputMembers } };
  const schema = resolve(reader, root)?.schema ?? root;
  return recordOf(reader, schema, 0);
}

interface Reader {
  readonly root: JsonObject;
  /** References being followed; meeting one again is recursion. */
  readonly following: readonly string[];
  /** How many more members may be named, because references can multiply a small schema beyond all bounds. */
  readonly budget: { members: number };
}

/** `depth` is that of the value itself: an argument is 1, what lies in it 2. */
function shapeOf(reader: Reader, json: Json | undefined, depth: number): Shape {
  if (depth > LIMITS.inputDepth || !isJsonObject(json)) return TEXT;
  const resolved = resolve(reader, json);
  if (resolved === undefined) return TEXT;
  const { schema, reader: inner } = resolved;
  const branch = schema['type'] === undefined ? onlyBranch(schema) : undefined;
  if (branch !== undefined) return shapeOf(inner, branch, depth);
  // Whatever else stands beside a `type` can only narrow it (JSON Schema 2020-12 §7.1: every keyword must hold).
  switch (typeOf(schema)) {
    case 'string':
      return STRING;
    case 'integer':
      return { kind: 'long' };
    case 'number':
      return { kind: 'decimal' };
    case 'boolean':
      return { kind: 'bool' };
    case 'array':
      return isJsonObject(schema['items']) && schema['prefixItems'] === undefined
        ? { kind: 'set', element: shapeOf(inner, withoutNull(schema['items']), depth + 1) }
        : TEXT;
    case 'object':
      return isFreeForm(schema) || !affords(inner, schema) ? TEXT : recordOf(inner, schema, depth);
    default:
      return TEXT;
  }
}

/** The one schema that an `anyOf`, `oneOf` or `allOf` consists of; undefined where there are several. */
function onlyBranch(schema: JsonObject): Json | undefined {
  const branches = COMBINED.flatMap((keyword) => schema[keyword] ?? []);
  return branches.length === 1 ? branches[0] : undefined;
}

const COMBINED = ['anyOf', 'oneOf', 'allOf'];

function affords({ budget }: Reader, schema: JsonObject): boolean {
  const properties = schema['properties'];
  budget.members -= isJsonObject(properties) ? Object.keys(properties).length : 0;
  return budget.members >= 0;
}

/** Without declared members an object is free-form, unless the schema says that it is always empty. */
function isFreeForm(schema: JsonObject): boolean {
  const properties = schema['properties'];
  const declared = isJsonObject(properties) && Object.keys(properties).length > 0;
  return !declared && schema['additionalProperties'] !== false;
}

function recordOf(reader: Reader, schema: JsonObject, depth: number): RecordShape {
  const properties = schema['properties'];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const members: [string, Member][] = [];
  for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
    // Neither key gets through the door. In Cedar's JSON form the first kind would mean entities and extensions, and
    // halves of surrogate pairs would all become one name, on which the whole schema would be refused.
    if (name.startsWith('__') || !name.isWellFormed() || property === false) continue;
    const bare = withoutNull(property);
    const nullable = bare !== property || (isJsonObject(property) && property['type'] === 'null');
    members.push([
      name,
      { shape: shapeOf(reader, bare, depth + 1), required: required.includes(name) && !nullable },
    ]);
  }
  return record(members);
}

function record(members: readonly (readonly [string, Member])[]): RecordShape {
  return { kind: 'record', members: new Map(members) };
}

/**
 * A schema that also admits null, reduced to what it admits besides: null is absent for rules. The two usual ways of
 * writing it are known: `type: [T, "null"]`, and `anyOf`/`oneOf` of one schema and `{type: "null"}`. The same schema
 * comes back where it is neither.
 */
function withoutNull(json: Json): Json {
  if (!isJsonObject(json)) return json;
  const type = json['type'];
  if (Array.isArray(type) && type.includes('null')) {
    const others = type.filter((each) => each !== 'null');
    return { ...json, type: others.length === 1 ? (others[0] ?? null) : others };
  }
  for (const keyword of ['anyOf', 'oneOf']) {
    const branches = json[keyword];
    if (!Array.isArray(branches)) continue;
    const others = branches.filter((branch) => !(isJsonObject(branch) && branch['type'] === 'null'));
    if (others.length === branches.length) continue;
    const { [keyword]: _, ...rest } = json;
    const [only] = others;
    if (others.length === 1 && isJsonObject(only)) return { ...rest, ...only };
    return { ...rest, [keyword]: others };
  }
  return json;
}

type TypeName = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';

/** The one type a schema admits, said outright or by `enum` and `const` of strings alone; null where there are several. */
function typeOf(schema: JsonObject): TypeName | null {
  const said = schema['type'];
  const type = Array.isArray(said) && said.length === 1 ? said[0] : said;
  if (type !== undefined) return NAMES.find((name) => name === type) ?? null;
  if (COMBINED.some((keyword) => schema[keyword] !== undefined)) return null;
  const values = schema['const'] === undefined ? schema['enum'] : [schema['const']];
  if (Array.isArray(values) && values.length > 0)
    return values.every((v) => typeof v === 'string') ? 'string' : null;
  return isJsonObject(schema['properties']) ? 'object' : null;
}

const NAMES: readonly TypeName[] = ['string', 'integer', 'number', 'boolean', 'array', 'object'];

/** Follows local references; undefined where one leads elsewhere, nowhere or back into itself. */
function resolve(reader: Reader, json: JsonObject): { schema: JsonObject; reader: Reader } | undefined {
  let schema = json;
  let following = reader.following;
  while (typeof schema['$ref'] === 'string') {
    const reference = schema['$ref'];
    if (following.includes(reference) || following.length >= LIMITS.schemaDepth) return undefined;
    const target = lookUp(reader.root, reference);
    if (target === undefined) return undefined;
    following = [...following, reference];
    schema = target;
  }
  return { schema, reader: following === reader.following ? reader : { ...reader, following } };
}

/** A local JSON pointer, RFC 6901: `#`, `#/$defs/Name`. */
function lookUp(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let at: Json | undefined = root;
  for (const step of reference.slice(2).split('/')) {
    const key = decode(step).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isJsonObject(at) ? at : undefined;
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
