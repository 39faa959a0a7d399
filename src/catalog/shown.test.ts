import * as sdk1 from '@modelcontextprotocol/sdk/types.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonObject, objectIn } from '../base/json.ts';
import { asShown } from './shown.ts';

const TOOL: JsonObject = {
  name: 't',
  title: 'T',
  description: 'Does it',
  icons: [{ src: 'data:,', sizes: ['any'], theme: 'dark' }],
  annotations: { readOnlyHint: true, title: 'T', other: null },
  execution: { taskSupport: 'optional' },
  inputSchema: { type: 'object', properties: { x: { type: 'string', default: null } }, required: ['x'] },
  outputSchema: { type: 'object', properties: { y: { enum: [null, true] } } },
  _meta: { a: null },
  unheardOf: null,
};

describe('a definition is shown', () => {
  test.each([true, false])('as it is where nothing is wrong with it', (isOlder) => {
    expect(asShown(TOOL, isOlder)).toBe(TOOL);
    const resource = { uri: 'r://1', name: 'r', annotations: { audience: ['user'], priority: 0.5 }, size: 3 };
    expect(asShown(resource, isOlder)).toBe(resource);
  });

  test('the same object each time, also where it differs', () => {
    const flawed = { ...TOOL, title: null };
    expect(asShown(flawed, true)).toBe(asShown(flawed, true));
    expect(asShown(flawed, true)).not.toHaveProperty('title');
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['says that arguments are an object', { inputSchema: {} }, { inputSchema: { type: 'object' } }],
    [
      'spells out schemas that are true or false',
      { inputSchema: { type: 'object', properties: { a: true, b: false } } },
      { inputSchema: { type: 'object', properties: { a: {}, b: { not: {} } } } },
    ],
    ['leaves out null', { title: null, description: null, annotations: null, _meta: null }, {}],
    [
      'leaves out what is of another type, and no more',
      { annotations: { readOnlyHint: 'yes', destructiveHint: true } },
      { annotations: { destructiveHint: true } },
    ],
  ])('with what its reader needs: it %s', (_what, listed, shown) => {
    const base = { name: 't', inputSchema: { type: 'object' } };
    expect(asShown({ ...base, ...listed }, false)).toEqual({ ...base, ...shown });
  });

  test('with results that an older client can take', () => {
    const listed = { name: 't', inputSchema: { type: 'object' }, outputSchema: { type: 'array' } };
    expect(asShown(listed, true)).not.toHaveProperty('outputSchema');
    expect(asShown(listed, false)).toBe(listed);
  });

  test('with its address where a resource has no name', () => {
    expect(asShown({ uri: 'r://1', name: null }, true)).toEqual({ uri: 'r://1', name: 'r://1' });
    expect(asShown({ uriTemplate: 'r://{a}' }, true)).toEqual({ uriTemplate: 'r://{a}', name: 'r://{a}' });
  });

  const anything = fc.jsonValue({ maxDepth: 2 });
  const member = (names: readonly string[]) =>
    fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(anything, fc.constantFrom('x', true, 1, null, '2026-02-28T10:00:00Z', '2026-02-30T10:00:00Z')),
      {
        maxKeys: 4,
      },
    );
  const part = fc.oneof(
    anything,
    member(['title', 'readOnlyHint', 'audience', 'priority', 'lastModified', 'taskSupport', 'src', 'name']),
    fc.array(member(['name', 'description', 'required', 'src', 'sizes', 'theme', 'mimeType'])),
  );
  const PARTS = [
    'title',
    'description',
    'mimeType',
    'size',
    'icons',
    'annotations',
    'execution',
    'arguments',
    '_meta',
  ];
  const flawed = fc.dictionary(fc.constantFrom(...PARTS), part);

  const written = <T>(made: fc.Arbitrary<T>) => made.map((value) => objectIn(JSON.stringify(value)) ?? {});

  test('so that the official library reads the list, whatever is in it', () => {
    fc.assert(
      fc.property(written(flawed), written(member(['type', 'properties', '$ref'])), (json, schema) => {
        const shown = (required: JsonObject) => [asShown({ ...json, ...required }, true)];
        const properties = { x: true, y: {} };
        const tools = shown({
          name: 't',
          inputSchema: { ...schema, properties },
          outputSchema: { type: null },
        });
        expect(sdk1.ListToolsResultSchema.safeParse({ tools }).error).toBeUndefined();
        const prompts = shown({ name: 'p' });
        expect(sdk1.ListPromptsResultSchema.safeParse({ prompts }).error).toBeUndefined();
        const resources = shown({ uri: 'r://1' });
        expect(sdk1.ListResourcesResultSchema.safeParse({ resources }).error).toBeUndefined();
        const resourceTemplates = shown({ uriTemplate: 'r://{a}' });
        expect(sdk1.ListResourceTemplatesResultSchema.safeParse({ resourceTemplates }).error).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });
});
