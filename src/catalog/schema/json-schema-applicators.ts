import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { namesIn } from './json-schema-assertions.ts';
import type { Below, Keyword, SchemaScope } from './json-schema-scope.ts';
import {
  type Check,
  fail,
  failBelow,
  fits,
  holds,
  newSeen,
  type Seen,
  type Walk,
} from './json-schema-walk.ts';

const reference: Keyword = {
  names: ['$ref'],
  compile(schema, pointer, scope) {
    const name = schema['$ref'];
    const target = typeof name === 'string' ? scope.resolve(name) : undefined;
    if (target === undefined) {
      scope.refuse(`${pointer}/$ref`, 'refers to nothing in this document');
      return null;
    }
    return scope.compile(target, String(name));
  },
};

const allOf: Keyword = {
  names: ['allOf'],
  compile(schema, pointer, scope) {
    const checks = listOf(schema['allOf'], `${pointer}/allOf`, scope);
    return (value, walk, seen) => checks.every((check) => check(value, walk, seen));
  },
};

/** Every alternative is looked at, for each that fits adds what it has seen (annotation collection). */
const anyOf: Keyword = {
  names: ['anyOf'],
  compile(schema, pointer, scope) {
    const checks = listOf(schema['anyOf'], `${pointer}/anyOf`, scope);
    return (value, walk, seen) => fitting(checks, value, walk, seen, fits).length > 0;
  },
};

/** How many hold is asked first, and then whether the one that does fits here, its closed objects included. */
const oneOf: Keyword = {
  names: ['oneOf'],
  compile(schema, pointer, scope) {
    const checks = listOf(schema['oneOf'], `${pointer}/oneOf`, scope);
    return (value, walk, seen) => {
      const asked = newSeen();
      const [only, another] = fitting(checks, value, walk, asked, holds);
      if (another !== undefined) return fail(walk, 'fits more than one alternative of the schema');
      if (only === undefined) return false;
      if (!walk.isAsking) return fits(only, value, walk, seen);
      for (const key of asked) seen.add(key); // asking twice at each level would double with the depth
      return true;
    };
  },
};

/** Which alternatives fit. Where none does, the fault is that of the one that came furthest. */
function fitting(
  checks: readonly Check[],
  value: Json,
  walk: Walk,
  seen: Seen,
  isFitting: typeof fits,
): readonly Check[] {
  let deepest: Walk['fault'] = null;
  const found = checks.filter((check) => {
    if (isFitting(check, value, walk, seen)) return true;
    if (walk.fault !== null && walk.fault.at.length > (deepest?.at.length ?? 0)) deepest = walk.fault;
    return false;
  });
  if (found.length === 0) walk.fault = deepest ?? { what: 'fits no alternative of the schema', at: [] };
  return found;
}

const not: Keyword = {
  names: ['not'],
  compile(schema, pointer, scope) {
    const check = scope.compile(schema['not'], `${pointer}/not`);
    return (value, walk) =>
      !holds(check, value, walk, newSeen()) || fail(walk, 'is what the schema excludes');
  },
};

const ifThenElse: Keyword = {
  names: ['if'],
  compile(schema, pointer, scope) {
    const part = (name: string) => scope.compile(schema[name] ?? true, `${pointer}/${name}`);
    const [condition, then, otherwise] = [part('if'), part('then'), part('else')];
    return (value, walk, seen) => (holds(condition, value, walk, seen) ? then : otherwise)(value, walk, seen);
  },
};

const items: Keyword = {
  names: ['items', 'prefixItems', 'additionalItems'],
  compile(schema, pointer, scope) {
    const isNew = scope.dialect === '2020-12';
    const firstName = isNew ? 'prefixItems' : 'items';
    const given = schema[firstName];
    const hasFirst = Array.isArray(given) || (isNew && given !== undefined);
    const first = hasFirst ? belowEach(given, `${pointer}/${firstName}`, scope) : [];
    const restName = isNew || !hasFirst ? 'items' : 'additionalItems';
    const rest = Object.hasOwn(schema, restName)
      ? scope.compileBelow(schema[restName], `${pointer}/${restName}`)
      : null;
    return (value, walk) => {
      if (!Array.isArray(value)) return true;
      const end = rest === null ? Math.min(first.length, value.length) : value.length;
      for (let i = 0; i < end; i++) {
        const check = first[i] ?? rest;
        if (check !== null && !check(value[i] as Json, walk)) return failBelow(walk, i);
      }
      return true;
    };
  },
};

const contains: Keyword = {
  names: ['contains'],
  compile(schema, pointer, scope) {
    const check = scope.compile(schema['contains'], `${pointer}/contains`);
    const counts = scope.dialect !== 'draft-07';
    const least = counts ? numberOr(1, schema['minContains']) : 1;
    const most = counts
      ? numberOr(Number.POSITIVE_INFINITY, schema['maxContains'])
      : Number.POSITIVE_INFINITY;
    return (value, walk) => {
      if (!Array.isArray(value)) return true;
      const found = value.filter((item) => holds(check, item, walk, newSeen())).length;
      return (
        (found >= least && found <= most) ||
        fail(walk, 'holds too few or too many items of the kind it must hold')
      );
    };
  },
};

function numberOr(otherwise: number, value: Json | undefined): number {
  return typeof value === 'number' ? value : otherwise;
}

const properties: Keyword = {
  names: ['properties', 'patternProperties', 'additionalProperties'],
  compile(schema, pointer, scope) {
    const named = new Map(mapOf(schema['properties'], `${pointer}/properties`, scope));
    const patterned = mapOf(schema['patternProperties'], `${pointer}/patternProperties`, scope).map(
      ([source, check]) => [scope.compilePattern(source, `${pointer}/patternProperties`), check] as const,
    );
    const others = Object.hasOwn(schema, 'additionalProperties')
      ? scope.compileBelow(schema['additionalProperties'], `${pointer}/additionalProperties`)
      : null;
    return (value, walk, seen) => {
      if (!isJsonObject(value)) return true;
      for (const key of Object.keys(value)) {
        if (!checkMember(key, value[key] ?? null, walk, seen)) return failBelow(walk, key);
      }
      return true;
    };

    function checkMember(key: string, value: Json, walk: Walk, seen: Seen): boolean {
      if (--walk.left <= 0) return fail(walk, 'takes too long to check');
      const check = named.get(key);
      if (check !== undefined && !check(value, walk)) return false;
      let isMeant = check !== undefined;
      for (const [pattern, below] of patterned) {
        if (pattern?.test(key, walk) !== true) continue;
        isMeant = true;
        if (!below(value, walk)) return false;
      }
      if (!isMeant && others === null) return true;
      if (!isMeant && others?.(value, walk) === false) return false;
      seen.add(key);
      return true;
    }
  },
};

const propertyNames: Keyword = {
  names: ['propertyNames'],
  compile(schema, pointer, scope) {
    const check = scope.compile(schema['propertyNames'], `${pointer}/propertyNames`);
    return (value, walk) => {
      if (!isJsonObject(value)) return true;
      return Object.keys(value).every(
        (key) => check(key, walk, newSeen()) || fail(walk, `has a member "${key}" whose name does not fit`),
      );
    };
  },
};

const dependents: Keyword = {
  names: ['dependentRequired', 'dependentSchemas', 'dependencies'],
  compile(schema, pointer, scope) {
    // Newer dialects have two names for what "dependencies" was, and readers (Ajv among them) go on honouring that.
    const isOld = scope.dialect === 'draft-07';
    const names = isOld ? ['dependencies'] : ['dependencies', 'dependentRequired', 'dependentSchemas'];
    const lists: [string, readonly string[]][] = [];
    const schemas: [string, Check][] = [];
    for (const name of names) {
      for (const [key, below] of membersOf(schema[name], `${pointer}/${name}`, scope)) {
        if (name === 'dependentRequired' || (Array.isArray(below) && name === 'dependencies'))
          lists.push([key, namesIn(below, `${pointer}/${name}`, scope)]);
        else schemas.push([key, scope.compile(below, `${pointer}/${name}/${key}`)]);
      }
    }
    return (value, walk, seen) => {
      if (!isJsonObject(value)) return true;
      for (const [key, names] of lists) {
        const missing = Object.hasOwn(value, key)
          ? names.find((name) => !Object.hasOwn(value, name))
          : undefined;
        if (missing === undefined) continue;
        fail(walk, `is missing beside "${key}"`);
        return failBelow(walk, missing);
      }
      return schemas.every(([key, check]) => !Object.hasOwn(value, key) || check(value, walk, seen));
    };
  },
};

/** Looks at what none of the keywords before it has seen, so it stands last. */
const unevaluatedProperties: Keyword = {
  names: ['unevaluatedProperties'],
  compile(schema, pointer, scope) {
    if (scope.dialect === 'draft-07') return null;
    const check = scope.compileBelow(schema['unevaluatedProperties'], `${pointer}/unevaluatedProperties`);
    return (value, walk, seen) => {
      if (!isJsonObject(value)) return true;
      for (const key of Object.keys(value)) {
        walk.left--;
        if (seen.has(key)) continue;
        if (!check(value[key] ?? null, walk)) return failBelow(walk, key);
        seen.add(key);
      }
      return true;
    };
  },
};

function listOf(value: Json | undefined, pointer: string, scope: SchemaScope): readonly Check[] {
  if (Array.isArray(value) && value.length > 0)
    return value.map((one, i) => scope.compile(one, `${pointer}/${i}`));
  scope.refuse(pointer, 'is no list of schemas');
  return [];
}

function belowEach(value: Json | undefined, pointer: string, scope: SchemaScope): readonly Below[] {
  if (Array.isArray(value)) return value.map((one, i) => scope.compileBelow(one, `${pointer}/${i}`));
  scope.refuse(pointer, 'is no list of schemas');
  return [];
}

function mapOf(value: Json | undefined, pointer: string, scope: SchemaScope): readonly [string, Below][] {
  return membersOf(value, pointer, scope).map(([key, below]) => [
    key,
    scope.compileBelow(below, `${pointer}/${key}`),
  ]);
}

function membersOf(value: Json | undefined, pointer: string, scope: SchemaScope): readonly [string, Json][] {
  if (value === undefined) return [];
  if (isJsonObject(value)) return Object.entries(value as JsonObject);
  scope.refuse(pointer, 'is no object');
  return [];
}

/** Keywords whose value holds schemas. What looks at the work of others stands last. */
export const APPLICATORS: readonly Keyword[] = [
  reference,
  allOf,
  anyOf,
  oneOf,
  not,
  ifThenElse,
  items,
  contains,
  properties,
  propertyNames,
  dependents,
  unevaluatedProperties,
];
