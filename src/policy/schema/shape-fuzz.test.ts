import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { loadPolicies } from '../load.ts';
import { operation, WORLD } from '../sample-world.ts';

const name = fc.oneof(
  fc.constantFrom(
    'constructor',
    '__proto__',
    '__entity',
    '__extn',
    'type',
    'Set',
    '',
    'in',
    '\0',
    '\ud800',
    '\ud801',
    '"\\',
    'a.b',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const schema = fc.letrec<{ any: Json; object: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Json>(
      true,
      false,
      null,
      7,
      'x',
      [],
      {},
      { type: 'string' },
      { type: 'integer' },
      { type: 'number' },
    ),
    tie('object'),
    tie('any').map((items): Json => ({ type: 'array', items })),
    tie('any').map((one): Json => ({ anyOf: [one, { type: 'null' }] })),
    fc.constantFrom('#', '#/properties/a', '#/$defs/a', '#/%', 'x:y').map(($ref): Json => ({ $ref })),
    fc.json().map((text) => JSON.parse(text) as Json),
  ),
  object: fc
    .record({
      properties: fc.dictionary(name, tie('any'), { maxKeys: 5 }),
      required: fc.oneof(fc.array(name, { maxLength: 3 }), fc.constantFrom<Json>('a', null)),
      additionalProperties: fc.constantFrom<Json>(true, false, {}),
      $defs: fc.dictionary(name, tie('any'), { maxKeys: 2 }),
    })
    .map((rest): Json => ({ type: 'object', ...rest })),
}));

test('no schema that an upstream can send keeps the rules of all others from loading', () => {
  const rules = {
    name: 'rules.cedar',
    text: 'forbid (principal, action == Action::"mcp:files/write", resource) when { context.input.path == "x" };',
  };
  fc.assert(
    fc.property(schema.object, (inputSchema) => {
      const hostile = operation('files/hostile', isJsonObject(inputSchema) ? inputSchema : {});
      const loaded = loadPolicies([rules], { ...WORLD, operations: [...WORLD.operations, hostile] });
      expect(loaded.ok ? [] : loaded.error).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
