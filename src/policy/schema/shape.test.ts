import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../base/json.ts';
import { operation } from '../sample-world.ts';
import { type Shape, shapeOfInput } from './shape.ts';

/** A shape in words: `?` optional, `text` for what rules see as RFC 8785 text. */
function words(shape: Shape): Json {
  if (shape.kind === 'set') return [words(shape.element)];
  if (shape.kind !== 'record') return shape.kind;
  return Object.fromEntries(
    [...shape.members].map(([name, member]) => [member.required ? name : `${name}?`, words(member.shape)]),
  );
}

const shapeOf = (property: Json, more: JsonObject = {}) =>
  words(
    shapeOfInput(
      operation('files/x', { type: 'object', properties: { x: property }, required: ['x'], ...more }),
    ),
  );

test.each<[JsonObject | boolean, Json]>([
  [{ type: 'string' }, { x: 'string' }],
  [{ type: 'string', enum: ['a'], format: 'email' }, { x: 'string' }],
  [{ enum: ['a', 'b'] }, { x: 'string' }],
  [{ const: 'a' }, { x: 'string' }],
  [{ enum: ['a', 1] }, { x: 'text' }],
  [{ type: 'integer' }, { x: 'long' }],
  [{ type: 'integer', enum: [1, 2] }, { x: 'long' }],
  [{ type: 'number' }, { x: 'decimal' }],
  [{ type: 'boolean' }, { x: 'bool' }],
  [{ type: ['string', 'null'] }, { 'x?': 'string' }],
  [{ anyOf: [{ type: 'integer' }, { type: 'null' }], default: null }, { 'x?': 'long' }],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }, { type: 'null' }] }, { 'x?': 'text' }],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { x: 'text' }],
  [{ type: ['string', 'integer'] }, { x: 'text' }],
  [{ allOf: [{ $ref: '#/$defs/S' }], default: 'a' }, { x: 'string' }],
  [{ allOf: [{ type: 'string' }, { minLength: 1 }] }, { x: 'text' }],
  // Beside a type everything else only narrows: a forbid on such a text must see it without quotes.
  [{ type: 'string', not: { const: 'a' }, anyOf: [{ format: 'uri' }, { format: 'email' }] }, { x: 'string' }],
  [
    { type: 'object', properties: { a: { type: 'string' } }, oneOf: [{ required: ['a'] }, {}] },
    { x: { 'a?': 'string' } },
  ],
  [{ type: 'null' }, { 'x?': 'text' }],
  [{}, { x: 'text' }],
  [true, { x: 'text' }],
  [false, {}],
  [{ type: 'array', items: { type: 'number' } }, { x: ['decimal'] }],
  [{ type: 'array', items: { type: ['number', 'null'] } }, { x: ['decimal'] }],
  [{ type: 'array' }, { x: 'text' }],
  [{ type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'string' } }, { x: 'text' }],
  [{ type: 'object' }, { x: 'text' }],
  [{ type: 'object', additionalProperties: { type: 'string' } }, { x: 'text' }],
  [{ type: 'object', additionalProperties: false }, { x: {} }],
  [{ type: 'object', properties: { a: { type: 'string' } } }, { x: { 'a?': 'string' } }],
  [{ properties: { a: { type: 'string' } } }, { x: { 'a?': 'string' } }],
  [{ $ref: '#/$defs/S' }, { x: 'string' }],
  [{ $ref: '#/$defs/A~1B%20C' }, { x: 'bool' }],
  [{ $ref: '#/$defs/List' }, { x: { 'head?': 'long', 'tail?': 'text' } }],
  [{ $ref: '#/$defs/Loop' }, { x: 'text' }],
  [{ $ref: '#/$defs/Nope' }, { x: 'text' }],
  [{ $ref: 'https://example.org/schema' }, { x: 'text' }],
  [{ $ref: '#/$defs/toString/constructor' }, { x: 'text' }],
])('%j', (property, expected) => {
  const $defs = {
    S: { type: 'string' },
    'A/B C': { type: 'boolean' },
    List: { type: 'object', properties: { head: { type: 'integer' }, tail: { $ref: '#/$defs/List' } } },
    Loop: { $ref: '#/$defs/Loop' },
  };
  expect(shapeOf(property, { $defs })).toEqual(expected);
});

test('what lies deeper than four is text, keys that begin with "__" are not there', () => {
  const nest = (depth: number): JsonObject =>
    depth === 0
      ? { type: 'integer' }
      : { type: 'object', properties: { a: nest(depth - 1), __proto: { type: 'string' } } };
  expect(shapeOf(nest(3))).toEqual({ x: { 'a?': { 'a?': { 'a?': 'long' } } } });
  expect(shapeOf(nest(4))).toEqual({ x: { 'a?': { 'a?': { 'a?': { 'a?': 'text' } } } } });
});

test('references that multiply a small schema beyond all bounds come to an end', () => {
  const level = (next: number): JsonObject => ({
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`p${i}`, { $ref: `#/$defs/d${next}` }]),
    ),
  });
  const $defs = { d1: level(2), d2: level(3), d3: level(4), d4: { type: 'string' } };
  const shape = shapeOfInput(operation('files/x', { ...level(1), $defs }));
  const members = (of: Shape): number =>
    of.kind === 'record'
      ? [...of.members.values()].reduce((sum, { shape: each }) => sum + 1 + members(each), 0)
      : 0;
  expect(members(shape)).toBe(3000);
});

test('a long way of references leads nowhere', () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [
        `c${i}`,
        i === length - 1 ? { type: 'string' } : { $ref: `#/$defs/c${i + 1}` },
      ]),
    );
  expect(shapeOf({ $ref: '#/$defs/c0' }, { $defs: chain(20) })).toEqual({ x: 'string' });
  expect(shapeOf({ $ref: '#/$defs/c0' }, { $defs: chain(5000) })).toEqual({ x: 'text' });
});

test('resources and prompts have their own', () => {
  expect(words(shapeOfInput(operation('f/r', {}, { kind: 'resource', inputSchema: null })))).toEqual({
    uri: 'string',
  });
  expect(words(shapeOfInput(operation('f/p', {}, { kind: 'prompt', inputSchema: null })))).toEqual({
    name: 'string',
    'arguments?': 'string',
  });
});
