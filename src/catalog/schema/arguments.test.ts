import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../base/json.ts';
import { compileArguments } from './arguments.ts';

function told(schema: JsonObject, args: JsonObject): string {
  const compiled = compileArguments(schema);
  if (!compiled.ok) return `${compiled.error.code}: ${compiled.error.sentence}`;
  const checked = compiled.value.check(args);
  if (!checked.ok) return checked.error;
  const extra = Object.keys(checked.value.extra);
  return extra.length === 0 ? 'ok' : `ok, extra ${extra.join(' ')}`;
}

const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...rest,
});
const one = (schema: Json, rest: JsonObject = {}): JsonObject => object({ a: schema }, rest);

describe('what fits, and what is said of what does not', () => {
  test.each<[JsonObject, JsonObject, string]>([
    [one({ type: 'string' }), { a: 'x' }, 'ok'],
    [one({ type: 'string' }), {}, 'ok'],
    [one({ type: 'string' }, { required: ['a'] }), {}, '"a" is missing'],
    [one({ type: 'string' }), { a: 5 }, '"a" is not of type string'],
    [one({ type: 'integer' }), { a: '5' }, '"a" is not of type integer'],
    [one({ type: 'integer' }), { a: 1.5 }, '"a" is not of type integer'],
    [one({ type: 'string' }), { a: null }, '"a" is not of type string'],
    [one({ type: 'string', nullable: true }), { a: null }, 'ok'],
    [one({ type: ['string', 'null'] }), { a: null }, 'ok'],
    [
      one({ anyOf: [{ type: 'string' }, { type: 'null' }] }),
      { a: 5 },
      '"a" fits no alternative of the schema',
    ],
    [one({ type: 'string', default: 'x' }, { required: ['a'] }), {}, '"a" is missing'],
    [one({ enum: ['x', { y: [1, 2] }] }), { a: { y: [1, 2] } }, 'ok'],
    [one({ enum: ['x'] }), { a: 'y' }, '"a" is none of the values that the schema lists'],
    [one({ const: 0 }), { a: false }, '"a" is not the value that the schema asks for'],
    [one({ minLength: 2, maxLength: 2 }), { a: '😀😀' }, 'ok'],
    [one({ minLength: 2 }), { a: '😀' }, '"a" has fewer characters than 2'],
    [one({ maxLength: 1 }), { a: 'ab' }, '"a" has more characters than 1'],
    [one({ pattern: '^a+$' }), { a: 'ab' }, '"a" does not match the pattern of the schema'],
    [one({ format: 'date' }), { a: 'no date' }, 'ok'],
    [one({ format: 'unheard-of', madeUp: { x: 1 } }), { a: 'x' }, 'ok'],
    [one({ type: 'string', enum: ['x'], nullable: true }), { a: null }, '"a" is none of the values that'],
    [one({ type: 'string', const: 'x', nullable: true }), { a: null }, '"a" is not the value that'],
    [one({ multipleOf: 0.1 }), { a: 0.3 }, 'ok'],
    [one({ multipleOf: 0.01 }), { a: 12345678.9 }, 'ok'],
    [one({ multipleOf: 0.01 }), { a: -12345678.905 }, '"a" is no multiple of 0.01'],
    [one({ multipleOf: 1 }), { a: 12345678.001 }, '"a" is no multiple of 1'],
    [one({ multipleOf: 5 }), { a: 9007199254740991 }, '"a" is no multiple of 5'],
    [one({ multipleOf: 1e-7 }), { a: 1e21 }, 'ok'],
    [one({ multipleOf: 0 }), { a: 0.5 }, '"a" is no multiple of 0'],
    [one({ dependencies: { x: ['y'] } }), { a: { x: 1 } }, '"a.y" is missing beside "x"'],
    [one({ dependencies: { x: { required: ['z'] } } }), { a: { x: 1 } }, '"a.z" is missing'],
    [one({ exclusiveMinimum: 0 }), { a: 0 }, '"a" is not more than 0'],
    [
      one({ uniqueItems: true }),
      {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      },
      '"a" holds an item twice',
    ],
    [
      one({ items: object({ line: { type: 'integer' } }) }),
      { a: [{ line: 1 }, { line: 'x' }] },
      '"a.1.line" is not of type integer',
    ],
    [object({ edits: { type: 'array', maxItems: 1 } }), { edits: [1, 2] }, '"edits" has more items than 1'],
    [object({ a: {} }, { minProperties: 1 }), {}, 'the whole has fewer members than 1'],
  ])('%j with %j: %s', (schema, args, expected) => {
    expect(told(schema, args)).toContain(expected);
  });
});

describe('a schema that decides about others is asked what it says, and not closed', () => {
  const isAdmin = { properties: { mode: object({ kind: { const: 'admin' } }) }, required: ['mode'] };
  const more = { mode: { kind: 'admin', more: 1 } };
  const mode = { mode: { type: 'object' } };
  const tree = object({ n: { oneOf: [{ $ref: '#/$defs/tree' }] } });
  const deep = Array.from({ length: 24 }).reduce<JsonObject>((below) => ({ n: below }), {});
  test.each<[string, JsonObject, JsonObject, string]>([
    ['not', object(mode, { not: isAdmin }), more, 'the whole is what the schema excludes'],
    ['if', object(mode, { if: isAdmin, else: { required: ['token'] } }), more, 'ok'],
    ['else', object(mode, { if: { not: isAdmin }, else: false }), more, 'the whole is not allowed'],
    [
      'oneOf',
      object(mode, { oneOf: [isAdmin, { properties: { mode: object({ kind: {}, more: {} }) } }] }),
      more,
      'the whole fits more than one alternative',
    ],
    ['one of one', object(mode, { oneOf: [isAdmin] }), more, '"mode.more" is not declared in the schema'],
    [
      'contains',
      one({ type: 'array', contains: isAdmin, maxContains: 1 }),
      { a: [more, more] },
      '"a" holds too few or too many items',
    ],
    ['if within not', object(mode, { not: { if: isAdmin, else: false } }), more, 'excludes'],
    ['what stands beside it', one(object({ b: {} }), { not: isAdmin }), { a: { c: 1 } }, '"a.c" is not'],
    ['what repeats itself, once a level', { ...tree, not: { not: tree }, $defs: { tree } }, deep, 'ok'],
  ])('%s', (_, schema, args, expected) => {
    expect(told(schema, args)).toContain(expected);
  });
});

describe('members that no schema names', () => {
  const inner = object({ b: {} });
  test.each<[JsonObject, JsonObject, string]>([
    [{ type: 'object' }, { x: 1 }, '"x" is not declared in the schema'],
    [one({}), { x: 1 }, '"x" is not declared in the schema'],
    [one({}, { additionalProperties: false }), { x: 1 }, '"x" is not allowed'],
    [one({}, { additionalProperties: true }), { a: 1, x: 1 }, 'ok, extra x'],
    [one({}, { additionalProperties: { type: 'string' } }), { x: 1 }, '"x" is not of type string'],
    [one({}, { patternProperties: { '^x': {} } }), { x1: 1 }, 'ok, extra x1'],
    [one({}, { patternProperties: { '^x': {} } }), { y: 1 }, '"y" is not declared in the schema'],
    [one({}, { unevaluatedProperties: true }), { x: 1 }, 'ok, extra x'],
    [
      one({}, { anyOf: [object({ x: {} }, { required: ['x'] }), object({ y: {} })] }),
      { x: 1 },
      'ok, extra x',
    ],
    [
      one({}, { oneOf: [object({ k: { const: 1 }, x: {} }), object({ k: { const: 2 }, y: {} })] }),
      { k: 2, x: 1 },
      '"x" is not declared in the schema',
    ],
    [one(inner), { a: { b: 1, c: 2 } }, '"a.c" is not declared in the schema'],
    [one({ type: 'array', items: inner }), { a: [{ c: 2 }] }, '"a.0.c" is not declared in the schema'],
    [
      one({ $ref: '#/$defs/inner' }, { $defs: { inner } }),
      { a: { c: 2 } },
      '"a.c" is not declared in the schema',
    ],
    [one({ type: 'object' }), { a: { c: 2 } }, 'ok'],
    [one({ ...inner, additionalProperties: true }), { a: { c: 2 } }, 'ok'],
    [one({}), JSON.parse('{"__proto__":1}') as JsonObject, '"__proto__" is not declared in the schema'],
    [one({}), { constructor: 1 }, '"constructor" is not declared in the schema'],
  ])('%j with %j: %s', (schema, args, expected) => {
    expect(told(schema, args)).toBe(expected);
  });
});

describe('schemas that are not usable', () => {
  const wide = object(
    Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`name${i}`, { type: 'string' }])),
  );
  const deep = Array.from({ length: 40 }).reduce<Json>((below) => ({ items: below }), {});
  test.each<[string, Json, string]>([
    [
      'a remote reference',
      { $ref: 'https://example.org/x.json' },
      '#/properties/a/$ref of the schema refers to nothing',
    ],
    ['a file', { $ref: 'file:///etc/passwd' }, 'refers to nothing'],
    ['a missing definition', { $ref: '#/$defs/none' }, 'refers to nothing'],
    ['an inherited name', { $ref: '#/constructor' }, 'refers to nothing'],
    ['no schema', 5, '#/properties/a of the schema is no schema'],
    ['an unknown type', { type: 'strnig' }, '#/properties/a/type of the schema names no type'],
    ['an inherited type', { type: 'constructor' }, 'names no type'],
    ['a broken pattern', { pattern: '(' }, 'holds a pattern that is no regular expression'],
    ['a back reference', { pattern: '(a)\\1' }, 'holds a pattern with a back reference'],
    ['a broken keyword', { minLength: '5' }, 'is no number'],
    ['a broken list', { allOf: [] }, 'is no list of schemas'],
    ['another document within', { $id: 'https://example.org/inner' }, 'begins another document'],
    ['dynamic references', { $dynamicRef: '#a' }, 'is not supported here'],
    ['too deep', deep, 'nests deeper than 32 levels'],
  ])('%s', (_, schema, expected) => {
    expect(told(one(schema), { a: 'x' })).toContain(
      'SCHEMA_UNUSABLE: What this operation takes cannot be checked',
    );
    expect(told(one(schema), { a: 'x' })).toContain(expected);
  });

  test('patterns and references that would cost more than their text', () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ pattern: `a{19000}${i}` }));
    expect(told(one({ allOf: many }), { a: 'x' })).toContain('is one pattern too many');
    const chain = Array.from({ length: 3000 }, (_, i) => [`d${i}`, { $ref: `#/$defs/d${i + 1}` }]);
    const $defs = { ...(Object.fromEntries(chain) as JsonObject), d3000: {} };
    expect(told(one({ $ref: '#/$defs/d0' }, { $defs }), {})).toContain('lies behind too many references');
    const anchors = Array.from({ length: 3000 }, (_, i) => ({ $ref: `#n${i}` }));
    const named = Object.fromEntries(anchors.map((_, i) => [`n${i}`, { $anchor: `n${i}` }]));
    expect(told(one({ allOf: anchors }, { $defs: named }), { a: 1 })).toBe('ok');
  });

  test('too large, or of a dialect that is not known', () => {
    expect(told(wide, {})).toContain('larger than 262144 bytes');
    expect(told({ $schema: 'http://json-schema.org/draft-04/schema#' }, {})).toContain(
      'a dialect that is not known',
    );
    expect(told({ $schema: 5 }, {})).toContain('a dialect that is not known');
  });
});

describe('hostile schemas and arguments end', () => {
  const nested = Array.from({ length: 60 }).reduce<Json>((below) => ({ a: below }), 1);
  test.each<[string, JsonObject, JsonObject]>([
    ['a schema that is itself', { $ref: '#' }, {}],
    [
      'two that are each other',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      {},
    ],
    [
      'doubling at every level',
      { properties: { a: { allOf: [{ $ref: '#' }, { $ref: '#' }] } } },
      { a: nested },
    ],
    [
      'doubling hidden in not',
      { not: { properties: { a: { anyOf: [{ $ref: '#' }, { $ref: '#' }] } } } },
      { a: nested },
    ],
    [
      'doubling without any argument',
      {
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          Array.from({ length: 60 }, (_, i) => [
            `d${i}`,
            i === 59 ? {} : { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
          ]),
        ),
      },
      {},
    ],
    [
      'counting the same thing over and over',
      one({ allOf: Array.from({ length: 5000 }, (_, i) => ({ minLength: 900_000 + i })) }),
      { a: 'x'.repeat(1_000_000) },
    ],
    [
      'counting the same members over and over',
      one({ allOf: Array.from({ length: 5000 }, (_, i) => ({ minProperties: i })) }),
      { a: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])) },
    ],
    ['a pattern against a long text', one({ pattern: '(?:x?){200}y' }), { a: 'x'.repeat(200_000) }],
  ])('%s', (_, schema, args) => {
    expect(told(schema, args)).toBe('checking them takes too long');
  });

  test('many items, all of them different, are compared once', () => {
    const a = Array.from({ length: 100_000 }, (_, i) => ({ i }));
    expect(told(one({ uniqueItems: true }), { a })).toBe('ok');
  });

  test('a text of 300,000 characters', () => {
    expect(told(one({ pattern: '^[a-z]+$', maxLength: 3_000_000 }), { a: 'x'.repeat(300_000) })).toBe('ok');
  });
});

test('a schema is compiled once', () => {
  const schema = one({ type: 'string' });
  expect(compileArguments(schema)).toBe(compileArguments(schema));
});

test('recursion in data is followed as far as it goes', () => {
  const tree = object({ v: { type: 'integer' }, kids: { type: 'array', items: { $ref: '#' } } });
  expect(told(tree, { v: 1, kids: [{ v: 2, kids: [] }] })).toBe('ok');
  expect(told(tree, { v: 1, kids: [{ v: 2, kids: [{ v: 'x' }] }] })).toBe(
    '"kids.0.kids.0.v" is not of type integer',
  );
});

describe('unevaluatedProperties', () => {
  const closed = (rest: JsonObject): JsonObject => one({ ...rest, unevaluatedProperties: false });
  const named = (name: string, rest: JsonObject = {}): JsonObject => ({
    properties: { [name]: {} },
    ...rest,
  });
  test.each<[JsonObject, Json, string]>([
    [closed(named('x')), { x: 1 }, 'ok'],
    [closed(named('x')), { y: 1 }, '"a.y" is not allowed'],
    [closed({ allOf: [named('x'), named('y')] }), { x: 1, y: 1 }, 'ok'],
    [closed({ anyOf: [named('x', { required: ['x'] }), named('y')] }), { x: 1, y: 1 }, 'ok'],
    [
      closed({ anyOf: [named('x', { required: ['z'] }), named('y')] }),
      { x: 1, y: 1 },
      '"a.x" is not allowed',
    ],
    [closed({ not: { not: named('x') } }), { x: 1 }, '"a.x" is not allowed'],
    [closed({ if: named('x', { required: ['x'] }) }), { x: 1 }, 'ok'],
    [
      closed({ if: named('x', { required: ['z'] }), else: named('y') }),
      { y: 1, x: 1 },
      '"a.x" is not allowed',
    ],
    [closed({ dependentSchemas: { x: named('x') } }), { x: 1 }, 'ok'],
    // What stands beside it in another schema of the same object is not seen ("cousins").
    [one({ allOf: [named('x'), { unevaluatedProperties: false }] }), { x: 1 }, '"a.x" is not allowed'],
    [
      one({ unevaluatedProperties: { type: 'integer' }, properties: { x: {} } }),
      { y: 's' },
      '"a.y" is not of type integer',
    ],
    // Found here: Ajv 8.20 keeps what a failing "if" had evaluated and lets this pass.
    [
      one({
        anyOf: [JSON.parse('{"if":{"unevaluatedProperties":false},"then":false}') as Json],
        unevaluatedProperties: { const: 0 },
      }),
      { x: 'x' },
      '"a.x" is not the value that the schema asks for',
    ],
  ])('%j with %j: %s', (schema, a, expected) => {
    expect(told(schema, { a })).toContain(expected);
  });
});
