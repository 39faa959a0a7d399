import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err } from '../../base/result.ts';
import { compilePattern, type Pattern } from './json-pattern.ts';
import { type Check, fail, fits, hasOnlySeen, newSeen, type Seen, type Walk } from './json-schema-walk.ts';

type Dialect = 'draft-07' | '2019-09' | '2020-12';

/** Of what is no object: nothing is ever added to it. */
const NO_MEMBERS: Seen = new Set();

const DIALECTS: Readonly<Record<string, Dialect>> = {
  'http://json-schema.org/draft-07/schema': 'draft-07',
  'https://json-schema.org/draft-07/schema': 'draft-07',
  'https://json-schema.org/draft/2019-09/schema': '2019-09',
  'https://json-schema.org/draft/2020-12/schema': '2020-12',
};

/** The dialect that `$schema` names, 2020-12 where it names none (MCP since 2025-11-25); null: another one. */
export function dialectOf(schema: Json): Dialect | null {
  if (!isJsonObject(schema) || !Object.hasOwn(schema, '$schema')) return '2020-12';
  const named = schema['$schema'];
  if (typeof named !== 'string') return null;
  const uri = named.replace(/#$/, '');
  return Object.hasOwn(DIALECTS, uri) ? (DIALECTS[uri] ?? null) : null;
}

/** Some keywords that are understood together. `compile` answers null where they check nothing. */
export interface Keyword {
  readonly names: readonly string[];
  compile(schema: JsonObject, pointer: string, scope: SchemaScope): Check | null;
}

/** The check of a schema for a value below the one whose schema it stands in. */
export type Below = (value: Json, walk: Walk) => boolean;

/** Keywords whose schemas apply to the same value: one schema, a list of them, or a map. */
const IN_PLACE = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas', 'dependencies'];

/** One document being compiled: its dialect, what its references mean, and what is wrong with it. */
export class SchemaScope {
  readonly dialect: Dialect;
  /** The first thing that is wrong, as one line. */
  fault: string | null = null;
  readonly #root: Json;
  readonly #keywords: readonly Keyword[];
  readonly #compiled = new Map<JsonObject, { check: Check | null }>();
  readonly #naming = new Map<JsonObject, boolean>();
  #anchors: ReadonlyMap<string, Json | undefined> | null = null;
  #depth = 0;
  #patternStates = 0;

  constructor(root: Json, dialect: Dialect, keywords: readonly Keyword[]) {
    this.#root = root;
    this.#keywords = keywords;
    this.dialect = dialect;
  }

  refuse(pointer: string, what: string): void {
    this.fault ??= `${pointer} of the schema ${what}`;
  }

  /** The check of a schema that applies to the same value as the one it stands in. Each is compiled once. */
  compile(schema: Json | undefined, pointer: string): Check {
    if (schema === true) return () => true;
    if (schema === false) return (_, walk) => fail(walk, 'is not allowed');
    if (schema === undefined || !isJsonObject(schema)) {
      this.refuse(pointer, 'is no schema');
      return () => false;
    }
    if (this.fault !== null) return () => false; // it will not be used, so no more work goes into it
    const known = this.#compiled.get(schema);
    if (known !== undefined) return (value, walk, seen) => known.check?.(value, walk, seen) ?? false;
    const slot: { check: Check | null } = { check: null };
    this.#compiled.set(schema, slot);
    if (++this.#depth > LIMITS.schemaReferences) this.refuse(pointer, 'lies behind too many references');
    const check = this.#compileKeywords(schema, pointer);
    this.#depth--;
    slot.check = check;
    return check;
  }

  /**
   * The check of a schema for a value below. An object for which any schema names members, and none says
   * `additionalProperties`, is closed: what it holds besides would be sent without any rule being able to see it.
   */
  compileBelow(schema: Json | undefined, pointer: string): Below {
    const check = this.compile(schema, pointer);
    let isClosed: boolean | null = null;
    return (value, walk) => {
      const isObject = isJsonObject(value);
      const seen = isObject ? newSeen() : NO_MEMBERS;
      if (!check(value, walk, seen)) return false;
      if (!isObject || walk.isAsking) return true;
      isClosed ??= this.#namesMembers(schema);
      return !isClosed || hasOnlySeen(value, walk, seen);
    };
  }

  #compileKeywords(schema: JsonObject, pointer: string): Check {
    const checks: Check[] = [];
    // Draft-07: "All other properties in a "$ref" object MUST be ignored."
    const isRefAlone = this.dialect === 'draft-07' && Object.hasOwn(schema, '$ref');
    for (const keyword of this.#keywords) {
      if (!keyword.names.some((name) => Object.hasOwn(schema, name))) continue;
      if (isRefAlone && !keyword.names.includes('$ref')) continue;
      const check = keyword.compile(schema, pointer, this);
      if (check !== null) checks.push(check);
    }
    const whole = all(checks);
    // "unevaluatedProperties" knows what the schemas of its own object have seen, and not those beside it.
    if (!Object.hasOwn(schema, 'unevaluatedProperties')) return whole;
    return (value, walk, seen) => fits(whole, value, walk, seen);
  }

  isRoot(schema: Json): boolean {
    return schema === this.#root;
  }

  /** What a reference within this document means; undefined where it means nothing here. */
  resolve(reference: string): Json | undefined {
    const [base = '', fragment = ''] = splitOnce(reference);
    const id = isJsonObject(this.#root) ? this.#root['$id'] : undefined;
    if (base !== '' && !(typeof id === 'string' && splitOnce(id)[0] === base)) return undefined;
    if (fragment === '') return this.#root;
    const name = decode(fragment);
    if (name === null) return undefined;
    if (name.startsWith('/')) return at(this.#root, name);
    this.#anchors ??= anchorsIn(this.#root);
    return this.#anchors.get(name);
  }

  /** A pattern of the schema; null, and refused, where it is none that can be followed, or they are too many. */
  compilePattern(source: Json | undefined, pointer: string): Pattern | null {
    if (this.fault !== null) return null;
    const compiled = typeof source === 'string' ? compilePattern(source) : err('no string');
    if (compiled.ok) this.#patternStates += compiled.value.states;
    if (!compiled.ok) this.refuse(pointer, `holds ${compiled.error}`);
    else if (this.#patternStates > LIMITS.schemaPatternStates)
      this.refuse(pointer, 'is one pattern too many');
    return compiled.ok ? compiled.value : null;
  }

  /** Whether this schema, or one that applies to the same value with it, names members of objects. */
  #namesMembers(schema: Json | undefined): boolean {
    if (schema === undefined || !isJsonObject(schema)) return false;
    const known = this.#naming.get(schema);
    if (known !== undefined) return known;
    this.#naming.set(schema, false); // while a schema is asked about, one that refers back to it adds nothing
    const isNaming = this.#inPlace(schema).some((other) => this.#namesMembers(other));
    const names = isNaming || hasMembers(schema['properties']) || hasMembers(schema['patternProperties']);
    this.#naming.set(schema, names);
    return names;
  }

  #inPlace(schema: JsonObject): readonly Json[] {
    const found: Json[] = [];
    const reference = schema['$ref'];
    const target = typeof reference === 'string' ? this.resolve(reference) : undefined;
    if (target !== undefined) found.push(target);
    for (const keyword of IN_PLACE) {
      const below = schema[keyword];
      if (Array.isArray(below)) found.push(...below);
      else if (isJsonObject(below))
        found.push(...(keyword.startsWith('depend') ? Object.values(below) : [below]));
    }
    return found;
  }
}

function all(checks: readonly Check[]): Check {
  return (value, walk, seen) => {
    walk.left -= 1 + checks.length;
    if (walk.left <= 0 || walk.depth >= LIMITS.argumentDepth) {
      walk.left = 0;
      return fail(walk, 'takes too long to check');
    }
    walk.depth++;
    const isFitting = checks.every((check) => check(value, walk, seen));
    walk.depth--;
    return isFitting;
  };
}

function hasMembers(value: Json | undefined): boolean {
  return isJsonObject(value) && Object.keys(value).length > 0;
}

function splitOnce(reference: string): [string, string] {
  const hash = reference.indexOf('#');
  return hash < 0 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)];
}

function decode(fragment: string): string | null {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return null;
  }
}

/** RFC 6901. */
function at(root: Json, pointer: string): Json | undefined {
  let value: Json = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key] ?? null;
  }
  return value;
}

/** What says `$anchor: name`, or in draft-07 `$id: "#name"`; undefined for a name that several have. */
function anchorsIn(root: Json): ReadonlyMap<string, Json | undefined> {
  const found = new Map<string, Json | undefined>();
  const look = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isJsonObject(value)) {
      const id = value['$id'];
      const name = value['$anchor'] ?? (typeof id === 'string' && id.startsWith('#') ? id.slice(1) : null);
      if (typeof name === 'string') found.set(name, found.has(name) ? undefined : value);
    }
    for (const below of Object.values(value)) look(below as Json);
  };
  look(root);
  return found;
}
