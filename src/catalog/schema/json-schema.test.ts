import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../base/json.ts';
import { compileArguments } from './arguments.ts';

/** 15,000 were run when this was written; a change of the keywords deserves that again. */
const RUNS = 500;
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

/** Null where Ajv 8.20 has made code that does not run ("items0 is not defined": `contains` below `if` or `not`). */
function askOracle(validate: () => boolean): boolean | null {
  try {
    return validate();
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

/** Without unevaluatedProperties, where Ajv errs itself (see above). */
describe('Ajv as the oracle', () => {
  const small = fc.constantFrom<Json>(0, 1, 2, 1.5, -1, 'a', 'ab', 'b1', '', true, false, null);
  const name = fc.constantFrom('a', 'b', 'c', 'd1');
  const { data } = fc.letrec<{ data: Json }>((tie) => ({
    data: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      small,
      fc.array(tie('data'), { maxLength: 3 }),
      fc.dictionary(name, tie('data'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  const typeName = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');
  const count = fc.integer({ min: 0, max: 3 });
  const schemas = (isNew: boolean) => {
    const dependent = (map: fc.Arbitrary<Json>): Record<string, fc.Arbitrary<Json>> =>
      isNew
        ? {
            dependentRequired: fc.constant({ a: ['b'] }),
            dependentSchemas: map,
          }
        : { dependencies: map };
    return fc.letrec<{ schema: Json; map: JsonObject; list: Json[] }>((tie) => ({
      map: fc.dictionary(name, tie('schema'), { maxKeys: 3, noNullPrototype: true }),
      list: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }),
      schema: fc.oneof(
        { maxDepth: 3 },
        fc.boolean(),
        fc.record({ type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 })) }),
        fc.constantFrom<Json>({ $ref: '#/$defs/x' }, { $ref: '#/definitions/x' }, { $ref: '#x' }),
        fc.record({
          enum: fc.uniqueArray(data, { minLength: 1, maxLength: 3, selector: (v) => JSON.stringify(v) }),
        }),
        fc.record({ const: data }),
        fc.record(
          {
            minimum: count,
            maximum: count,
            exclusiveMinimum: count,
            exclusiveMaximum: count,
            multipleOf: fc.constantFrom(1, 2),
          },
          { requiredKeys: [] },
        ),
        fc.record(
          { minLength: count, maxLength: count, pattern: fc.constantFrom('^a', 'b$', '[0-9]', '^(?!a)') },
          { requiredKeys: [] },
        ),
        fc.record(
          { minItems: count, maxItems: count, uniqueItems: fc.boolean(), contains: tie('schema') },
          { requiredKeys: [] },
        ),
        isNew
          ? fc.record({ items: tie('schema'), prefixItems: tie('list') }, { requiredKeys: [] })
          : fc.record(
              { items: fc.oneof(tie('schema'), tie('list')), additionalItems: tie('schema') },
              { requiredKeys: [] },
            ),
        fc.record(
          {
            type: fc.constant('object'),
            properties: tie('map'),
            required: fc.uniqueArray(name, { maxLength: 2 }),
            additionalProperties: tie('schema'),
            patternProperties: fc.record({ '1$': tie('schema') }),
            propertyNames: fc.record({ maxLength: count }),
            minProperties: count,
            maxProperties: count,
            ...dependent(tie('map')),
          },
          { requiredKeys: [] },
        ),
        fc.record(
          {
            allOf: tie('list'),
            anyOf: tie('list'),
            oneOf: tie('list'),
            not: tie('schema'),
            properties: tie('map'),
          },
          { requiredKeys: [] },
        ),
        fc
          .array(tie('schema'), { minLength: 1, maxLength: 3 })
          .map((parts) => Object.fromEntries(parts.map((part, i) => [['if', 'then', 'else'][i], part]))),
      ),
    })).schema;
  };

  test.each([
    ['2020-12', true],
    ['draft-07', false],
  ])('%s: same answers, but for members that no schema names', (_, isNew) => {
    const options = {
      strict: false,
      validateFormats: false,
      allErrors: false,
      inlineRefs: false,
      logger: false as const,
    };
    const oracle = isNew ? new Ajv2020(options) : new Ajv(options);
    const counts = { fits: 0, fails: 0 };
    const shared = isNew
      ? { $anchor: 'x', type: ['integer', 'array'] }
      : { $id: '#x', type: ['integer', 'array'] };
    fc.assert(
      fc.property(schemas(isNew), fc.array(data, { minLength: 1, maxLength: 4 }), (drawn, values) => {
        const schema = {
          properties: { v: drawn },
          $defs: { x: shared },
          definitions: { x: isNew ? { type: 'string' } : shared },
        };
        const whole = isNew ? schema : { $schema: DRAFT_07, ...schema };
        if (!isNew) Object.assign(whole, { definitions: { x: { type: 'string' } } });
        const compiled = compileArguments(JSON.parse(JSON.stringify(whole)) as JsonObject);
        if (!compiled.ok) throw new Error(compiled.error.sentence);
        const validate = oracle.compile(whole);
        for (const value of values) {
          const theirs = askOracle(() => validate({ v: value }));
          if (theirs === null) continue;
          const ours = compiled.value.check({ v: value });
          if (!ours.ok && theirs) {
            expect(ours.error).toMatch(/is not declared in the schema$/);
          } else {
            expect([ours.ok, ours]).toEqual([theirs, ours]);
            counts[theirs ? 'fits' : 'fails']++;
          }
        }
        oracle.removeSchema();
      }),
      { numRuns: RUNS },
    );
    expect(counts.fits).toBeGreaterThan(100);
    expect(counts.fails).toBeGreaterThan(100);
  });
});
