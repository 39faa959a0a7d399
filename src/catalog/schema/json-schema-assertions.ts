import { canonicalize } from '../../base/canonical.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Keyword, SchemaScope } from './json-schema-scope.ts';
import { fail, failBelow, type Walk } from './json-schema-walk.ts';

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: (value) => isJsonObject(value),
};

const type: Keyword = {
  names: ['type'],
  compile(schema, pointer, scope) {
    const named = schema['type'];
    const names = Array.isArray(named) ? named : [named];
    // Not of the standard, but of OpenAPI: servers that write it mean it, and Ajv, which clients use, honours it. In
    // both it widens the type alone: "enum" and "const" go on saying whether null is among their values.
    const types = schema['nullable'] === true ? [...names, 'null'] : names;
    const tests = types.map((name) =>
      typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined,
    );
    if (tests.length === 0 || tests.includes(undefined)) {
      scope.refuse(`${pointer}/type`, 'names no type');
      return null;
    }
    const what = `is not of type ${types.join(' or ')}`;
    return (value, walk) => tests.some((test) => test?.(value)) || fail(walk, what);
  },
};

const oneOfValues: Keyword = {
  names: ['enum', 'const'],
  compile(schema, pointer, scope) {
    const listed = schema['enum'];
    if (listed !== undefined && !Array.isArray(listed)) scope.refuse(`${pointer}/enum`, 'is no list');
    const inEnum = Array.isArray(listed) ? new Set(listed.map(canonicalize)) : null;
    const inConst = schema['const'] === undefined ? null : new Set([canonicalize(schema['const'])]);
    return (value, walk) => {
      const text = canonicalize(value);
      walk.left -= text.length >> 3;
      if (inEnum?.has(text) === false) return fail(walk, 'is none of the values that the schema lists');
      return inConst?.has(text) !== false || fail(walk, 'is not the value that the schema asks for');
    };
  },
};

/** A keyword with a number, looked at for values of one kind. */
function bound<T extends Json>(
  name: string,
  isMeant: (value: Json) => value is T,
  fits: (value: T, limit: number, walk: Walk) => boolean,
  what: string,
): Keyword {
  return {
    names: [name],
    compile(schema, pointer, scope) {
      const limit = schema[name];
      if (typeof limit !== 'number') {
        scope.refuse(`${pointer}/${name}`, 'is no number');
        return null;
      }
      return (value, walk) => !isMeant(value) || fits(value, limit, walk) || fail(walk, `${what} ${limit}`);
    },
  };
}

const isNumber = (value: Json): value is number => typeof value === 'number';
const isString = (value: Json): value is string => typeof value === 'string';
const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

/**
 * Of the decimals as they are written and sent, exactly: quotients of doubles are seldom whole (0.3 / 0.1 is
 * 2.9999999999999996), and any tolerance lets a large value with a rest of its own pass.
 */
function isMultiple(value: number, of: number, walk: Walk): boolean {
  if (of === 0) return false;
  if (Number.isInteger(value) && Number.isInteger(of)) return value % of === 0;
  walk.left -= 100; // for numbers of up to 650 digits
  const [digits, places] = decimalOf(value);
  const [ofDigits, ofPlaces] = decimalOf(of);
  const most = Math.max(places, ofPlaces);
  return (digits * tenTo(most - places)) % (ofDigits * tenTo(most - ofPlaces)) === 0n;
}

/** The number is digits / 10^places. */
function decimalOf(value: number): [digits: bigint, places: number] {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return [BigInt(whole + fraction), fraction.length - Number(exponent)];
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** In characters, of which a surrogate pair is one; counted only where it takes that to know. */
function isAtLeast(text: string, length: number, walk: Walk): boolean {
  if (text.length < length) return false;
  if (text.length >= 2 * length) return true;
  walk.left -= text.length >> 3;
  let count = 0;
  for (const _ of text) count++;
  return count >= length;
}

function membersOf(value: JsonObject, walk: Walk): number {
  const count = Object.keys(value).length;
  walk.left -= 4 * count; // listing the keys of a large object is slow
  return count;
}

const BOUNDS: readonly Keyword[] = [
  bound('minimum', isNumber, (value, limit) => value >= limit, 'is less than'),
  bound('maximum', isNumber, (value, limit) => value <= limit, 'is more than'),
  bound('exclusiveMinimum', isNumber, (value, limit) => value > limit, 'is not more than'),
  bound('exclusiveMaximum', isNumber, (value, limit) => value < limit, 'is not less than'),
  bound('multipleOf', isNumber, isMultiple, 'is no multiple of'),
  bound('minLength', isString, isAtLeast, 'has fewer characters than'),
  bound(
    'maxLength',
    isString,
    (value, limit, walk) => !isAtLeast(value, limit + 1, walk),
    'has more characters than',
  ),
  bound('minItems', isArray, (value, limit) => value.length >= limit, 'has fewer items than'),
  bound('maxItems', isArray, (value, limit) => value.length <= limit, 'has more items than'),
  bound(
    'minProperties',
    isJsonObject,
    (value, limit, walk) => membersOf(value, walk) >= limit,
    'has fewer members than',
  ),
  bound(
    'maxProperties',
    isJsonObject,
    (value, limit, walk) => membersOf(value, walk) <= limit,
    'has more members than',
  ),
];

const pattern: Keyword = {
  names: ['pattern'],
  compile(schema, pointer, scope) {
    const compiled = scope.compilePattern(schema['pattern'], `${pointer}/pattern`);
    if (compiled === null) return null;
    return (value, walk) =>
      typeof value !== 'string' ||
      compiled.test(value, walk) ||
      fail(walk, 'does not match the pattern of the schema');
  },
};

const uniqueItems: Keyword = {
  names: ['uniqueItems'],
  compile(schema, pointer, scope) {
    if (typeof schema['uniqueItems'] !== 'boolean') scope.refuse(`${pointer}/uniqueItems`, 'is no boolean');
    if (schema['uniqueItems'] !== true) return null;
    return (value, walk) => {
      if (!Array.isArray(value)) return true;
      const texts = new Set<string>();
      for (const item of value) {
        const text = canonicalize(item);
        walk.left -= 1 + (text.length >> 3);
        texts.add(text);
      }
      return texts.size === value.length || fail(walk, 'holds an item twice');
    };
  },
};

const required: Keyword = {
  names: ['required'],
  compile(schema, pointer, scope) {
    const names = namesIn(schema['required'], `${pointer}/required`, scope);
    return (value, walk) => {
      if (!isJsonObject(value)) return true;
      for (const name of names) {
        if (Object.hasOwn(value, name)) continue;
        fail(walk, 'is missing');
        return failBelow(walk, name);
      }
      return true;
    };
  },
};

export function namesIn(value: Json | undefined, pointer: string, scope: SchemaScope): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return value as readonly string[];
  scope.refuse(pointer, 'is no list of names');
  return [];
}

/** Keywords that change what others mean in ways that are not followed here. */
const notFollowed: Keyword = {
  names: ['$dynamicRef', '$recursiveRef', 'unevaluatedItems', '$id'],
  compile(schema, pointer, scope) {
    for (const name of ['$dynamicRef', '$recursiveRef', 'unevaluatedItems']) {
      if (Object.hasOwn(schema, name)) scope.refuse(`${pointer}/${name}`, 'is not supported here');
    }
    const id = schema['$id'];
    if (typeof id === 'string' && !id.startsWith('#') && !scope.isRoot(schema)) {
      scope.refuse(`${pointer}/$id`, 'begins another document, which is not supported here');
    }
    return null;
  },
};

/** Keywords that say something of a value by themselves. In the order in which they are looked at. */
export const ASSERTIONS: readonly Keyword[] = [
  notFollowed,
  type,
  oneOfValues,
  ...BOUNDS,
  pattern,
  required,
  uniqueItems,
];
