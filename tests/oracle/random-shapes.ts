import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/base/json.ts';

/**
 * Random argument schemas with values that fit them, and the conditions that rules can put on them. A `Field` keeps
 * the three together: the JSON schema, a generator of values, and for each path what Cedar text can be said of it.
 */
export interface Field {
  readonly schema: JsonObject;
  readonly value: fc.Arbitrary<Json>;
  /** Conditions on the Cedar expression that reads this field, well typed. */
  readonly tests: (at: string) => fc.Arbitrary<string>;
  /** For objects: its members, with whether each is optional. */
  readonly members?: ReadonlyMap<string, { readonly field: Field; readonly optional: boolean }>;
}

const STRINGS = ['', 'a', '/srv/x', 'ünï😀', 'a"b\\', '.env', 'null'];
const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const one = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

function stringTests(at: string): fc.Arbitrary<string> {
  return fc.oneof(
    one(...STRINGS.map((text) => `${at} == ${quote(text)}`)),
    one('*', 'a*', '*x', '/srv/*', '*"*', '*{*').map((pattern) => `${at} like ${quote(pattern)}`),
    one(`["a", ".env"].contains(${at})`, `${at} != context.system.session`),
    // Well typed, and now and then in error.
    one(`decimal(${at}).lessThan(decimal("1.0"))`, `ip(${at}).isLoopback()`),
  );
}

const string: Field = { schema: { type: 'string' }, value: fc.constantFrom(...STRINGS), tests: stringTests };

const choice: Field = {
  schema: { enum: ['a', 'b', '.env'] },
  value: fc.constantFrom('a', 'b', '.env'),
  tests: stringTests,
};

const long: Field = {
  schema: { type: 'integer' },
  value: fc.constantFrom(
    0,
    1,
    -1,
    5,
    1_000_000,
    9_007_199_254_740_991,
    -9_007_199_254_740_991,
    4_503_599_627_370_497,
  ),
  tests: (at) =>
    one(
      `${at} > 3`,
      `${at} == 1`,
      `${at} + 1 <= 9007199254740992`,
      `${at} * 1024 > 0`,
      `${at} * 2048 > 0`,
      `${at} * 4096 <= 0`,
      `${at} * 2048 * ${at} != 7`,
      `-${at} < 0`,
      `${at} - 9007199254740991 < ${at}`,
      `[0, 5].contains(${at})`,
    ),
};

const number: Field = {
  schema: { type: 'number' },
  value: fc.constantFrom(0, 1.5, -2.25, 3, 0.1, 1e-7, 1e20, 922_337_203_685_477.5, 0.12345, 1234.5678, -0),
  tests: (at) =>
    one(
      `${at}.lessThan(decimal("2.0"))`,
      `${at} == decimal("1.5000")`,
      `${at}.greaterThanOrEqual(decimal("-2.25"))`,
      `[decimal("3.0")].contains(${at})`,
    ),
};

const bool: Field = {
  schema: { type: 'boolean' },
  value: fc.boolean(),
  tests: (at) => one(at, `!${at}`, `${at} == true`),
};

/** What rules see as text: unions, free-form objects, bare arrays, references into themselves. */
const text: fc.Arbitrary<Field> = fc
  .constantFrom<JsonObject>(
    { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    { type: 'object' },
    { type: ['integer', 'boolean'] },
    { type: 'array' },
    { enum: [1, 'a', true] },
    {},
  )
  .map((schema) => ({
    schema,
    value: fc.constantFrom<Json>(1, 'a', true),
    tests: (at) => one(`${at} like "*a*"`, `${at} == "1"`, `${at} == "\\"a\\""`),
  }));

const leaf: fc.Arbitrary<Field> = fc.oneof(
  { arbitrary: fc.constantFrom(string, choice, long, long, number, number, bool), weight: 8 },
  { arbitrary: text, weight: 1 },
);

function nullable(field: Field): Field {
  return {
    ...field,
    schema: { anyOf: [field.schema, { type: 'null' }] },
    value: fc.oneof({ arbitrary: field.value, weight: 3 }, { arbitrary: fc.constant(null), weight: 1 }),
  };
}

function setOf(element: Field, depth: number): Field {
  const samples: Readonly<Record<string, readonly string[]>> = {
    string: ['"a"', '".env"'],
    integer: ['5', '0'],
    number: ['decimal("1.5")', 'decimal("3.0")'],
    boolean: ['true'],
  };
  const literals = depth > 4 ? undefined : samples[String(element.schema['type'])];
  return {
    schema: { type: 'array', items: element.schema },
    value: fc.array(element.value, { maxLength: 3 }),
    tests: (at) =>
      literals === undefined
        ? one(`${at}.isEmpty()`)
        : one(
            `${at}.isEmpty()`,
            `${at}.contains(${literals[0]})`,
            `${at}.containsAll([${literals.join(', ')}])`,
            `${at}.containsAny([${literals.join(', ')}])`,
            `${at} == [${literals[0]}]`,
          ),
  };
}

const NAMES = ['path', 'n', 'opts', 'odd name', 'when', ''];

export interface ObjectField extends Field {
  readonly members: ReadonlyMap<string, { readonly field: Field; readonly optional: boolean }>;
}

function objectOf(depth: number, maxMembers: number): fc.Arbitrary<ObjectField> {
  const member = fc.record({
    field: fieldAt(depth + 1),
    optional: fc.nat(3).map((n) => n === 0),
    orNull: fc.nat(9),
  });
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), member), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: maxMembers,
    })
    .map((entries) => makeObject(entries));
}

function makeObject(
  entries: readonly (readonly [string, { field: Field; optional: boolean; orNull: number }])[],
): ObjectField {
  const made = entries.map(([name, { field, optional, orNull }]) => {
    const isNull = orNull === 0;
    return [
      name,
      { field: isNull ? nullable(field) : field, optional: optional || isNull, omit: optional },
    ] as const;
  });
  const required = made.filter(([, { omit }]) => !omit).map(([name]) => name);
  const value = fc
    .tuple(
      ...made.map(([name, { field, omit }]) =>
        fc
          .oneof(
            { arbitrary: field.value, weight: 4 },
            { arbitrary: omit ? fc.constant(undefined) : field.value, weight: 1 },
          )
          .map((json) => [name, json] as const),
      ),
    )
    .map(
      (all): Json =>
        Object.fromEntries(all.flatMap(([name, json]) => (json === undefined ? [] : [[name, json]]))),
    );
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(made.map(([name, { field }]) => [name, field.schema])),
      required,
    },
    value,
    tests: () => fc.constant('true'),
    members: new Map(made.map(([name, { field, optional }]) => [name, { field, optional }])),
  };
}

/** A field at a depth of `context.input`; its arguments are at 1. Below 4 everything is text for rules. */
function fieldAt(depth: number): fc.Arbitrary<Field> {
  if (depth > 4)
    return fc.constantFrom(string, long, bool).map((field) => ({
      ...field,
      tests: (at: string) => one(`${at} like "*1*"`, `${at} == "true"`),
    }));
  if (depth > 3)
    return fc.oneof(
      { arbitrary: leaf, weight: 4 },
      { arbitrary: fieldAt(depth + 1).map((f) => setOf(f, depth + 1)), weight: 1 },
    );
  return fc.oneof(
    { arbitrary: leaf, weight: 6 },
    { arbitrary: leaf.map((field) => setOf(field, depth + 1)), weight: 2 },
    { arbitrary: fc.memo(() => objectOf(depth, 3))(), weight: 2 },
  );
}

export const randomInput: fc.Arbitrary<ObjectField> = objectOf(0, 4);

/** A condition on some path of an input, guarded with `has` where something on the way is optional. */
export function conditionOn(input: ObjectField): fc.Arbitrary<string> {
  const choices: fc.Arbitrary<string>[] = [];
  walk(input, 'context.input', [], choices);
  return choices.length === 0 ? fc.constant('true') : fc.oneof(...choices);
}

function walk(object: Field, at: string, guards: readonly string[], choices: fc.Arbitrary<string>[]): void {
  for (const [name, { field, optional }] of object.members ?? []) {
    const isWord = /^[A-Za-z_]\w*$/.test(name);
    const here = isWord ? `${at}.${name}` : `${at}[${quote(name)}]`;
    // A number that no decimal can hold is left out, so even a required one is looked for.
    const has = `${at} has ${isWord ? name : quote(name)}`;
    const guarded = optional ? [...guards, has] : guards;
    choices.push(fc.constant([...guards, has].join(' && ')));
    if (field.members === undefined)
      choices.push(field.tests(here).map((test) => [...guarded, `(${test})`].join(' && ')));
    else walk(field, here, guarded, choices);
  }
}
