import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalize } from '../../../base/canonical.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import type { Order } from '../../../pipeline/ports/upstream.ts';
import { CLIENT_INFO, frameRequest, paramsOf, progressParams } from './frame.ts';

const order = (args: JsonObject, method: Order['method'] = 'tools/call', name = 'echo'): Order => ({
  method,
  name,
  argumentsText: canonicalize(args),
  digest: 'sha256:0',
});

const wellFormed = fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed());
const argument = fc.dictionary(wellFormed, fc.oneof(wellFormed, fc.integer(), fc.boolean()));

test('whatever the arguments are, the frame is one line that says them and nothing more', () => {
  fc.assert(
    fc.property(
      argument,
      wellFormed,
      fc.constantFrom('2026', '2025'),
      fc.boolean(),
      (args, name, g, progress) => {
        const plain = JSON.parse(canonicalize(args as JsonObject)) as JsonObject;
        const frame = frameRequest(g, 7, {
          method: 'tools/call',
          paramsText: paramsOf(order(plain, 'tools/call', name)),
          ...(progress ? { onProgress: () => undefined } : {}),
        });
        expect(frame).not.toContain('\n');
        const message = JSON.parse(frame) as Record<string, JsonObject>;
        expect(Object.keys(message)).toEqual(['jsonrpc', 'id', 'method', 'params']);
        const { _meta, ...params } = message['params'] ?? {};
        expect(params).toEqual({ arguments: plain, name });
        expect(_meta === undefined).toBe(g === '2025' && !progress);
        expect(canonicalize(params['arguments'] as Json)).toBe(order(plain).argumentsText);
      },
    ),
  );
});

test('a resource is read with its whole params', () => {
  const paramsText = paramsOf(order({ uri: 'note://one' }, 'resources/read'));
  expect(frameRequest('2025', 1, { method: 'resources/read', paramsText })).toBe(
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"note://one"}}',
  );
});

test('text that is no object is a bug, not a frame', () => {
  expect(() => paramsOf({ ...order({}), argumentsText: '[]' })).toThrow();
});

test('progress is passed on without the token', () => {
  expect(progressParams({ progressToken: 7, progress: 1, message: 'x', _meta: { a: 1 } })).toEqual({
    progress: 1,
    message: 'x',
  });
  expect(progressParams({ progressToken: 7, progress: 'much' })).toBeNull();
});

test('we name ourselves by the version of the package', () => {
  const text = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  expect(CLIENT_INFO).toEqual({ name: 'lanyard', version });
});

test('a level of log messages is asked for where the generation has a place for it', () => {
  const framed = (generation: '2026' | '2025') =>
    JSON.parse(frameRequest(generation, 1, { method: 'tools/call', paramsText: '{}', logLevel: 'info' }));
  expect(framed('2026').params._meta['io.modelcontextprotocol/logLevel']).toBe('info');
  expect(framed('2025').params).toEqual({});
});
