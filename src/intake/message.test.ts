import { describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { readMessage } from './message.ts';

function told(value: Json): string {
  const read = readMessage(value);
  return read.ok ? read.value.kind : `${read.error.code}: ${read.error.sentence}`;
}

describe('what is a message', () => {
  test.each<[Json, string]>([
    [{ jsonrpc: '2.0', id: 1, method: 'ping' }, 'request'],
    [{ jsonrpc: '2.0', id: 'a', method: 'ping', params: {} }, 'request'],
    [{ jsonrpc: '2.0', id: -1, method: 'ping' }, 'request'],
    [{ jsonrpc: '2.0', id: '', method: 'ping' }, 'request'],
    [{ jsonrpc: '2.0', method: 'notifications/initialized' }, 'notification'],
    [{ jsonrpc: '2.0', id: 1, result: {} }, 'result'],
    [{ jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'no' } }, 'error'],
    [{ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'no' } }, 'error'],
    [{ jsonrpc: '2.0', error: { code: -32700, message: 'no', data: [] } }, 'error'],
  ])('%j is a %s', (value, expected) => {
    expect(told(value)).toBe(expected);
  });

  test('params and _meta are there even where the message has none', () => {
    expect(readMessage({ jsonrpc: '2.0', id: 1, method: 'ping' })).toEqual({
      ok: true,
      value: { kind: 'request', id: 1, method: 'ping', params: {}, meta: {} },
    });
    expect(readMessage({ jsonrpc: '2.0', method: 'x', params: { _meta: { a: 1 } } })).toMatchObject({
      value: { kind: 'notification', meta: { a: 1 } },
    });
  });
});

describe('what is none', () => {
  test.each<[Json, string]>([
    [[], 'BATCH'],
    [[{ jsonrpc: '2.0', id: 1, method: 'ping' }], 'BATCH'],
    ['ping', 'it is no object'],
    [null, 'it is no object'],
    [{ id: 1, method: 'ping' }, '"jsonrpc" is not "2.0"'],
    [{ jsonrpc: 2, id: 1, method: 'ping' }, '"jsonrpc" is not "2.0"'],
    [{ jsonrpc: '2.0', id: 1 }, 'there is neither'],
    [{ jsonrpc: '2.0', id: null, method: 'ping' }, '"id" is neither'],
    [{ jsonrpc: '2.0', id: 1.5, method: 'ping' }, '"id" is neither'],
    [{ jsonrpc: '2.0', id: 2 ** 53, method: 'ping' }, '"id" is neither'],
    [{ jsonrpc: '2.0', id: {}, method: 'ping' }, '"id" is neither'],
    [{ jsonrpc: '2.0', id: 'x'.repeat(257), method: 'ping' }, '"id" is neither'],
    [{ jsonrpc: '2.0', id: 1, method: 5 }, '"method" is no name'],
    [{ jsonrpc: '2.0', id: 1, method: '' }, '"method" is no name'],
    [{ jsonrpc: '2.0', id: 1, method: 'm'.repeat(300) }, '"method" is too long'],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, '"params" is no object'],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: null }, '"params" is no object'],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: null } }, '"params._meta" is no object'],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: [] } }, '"params._meta" is no object'],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', result: {} }, '"result" has no place'],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', Method: 'tools/call' }, '"Method" has no place'],
    [{ jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } }, '"error" has no place'],
    [{ jsonrpc: '2.0', id: 1, result: [] }, '"result" is no object'],
    [{ jsonrpc: '2.0', result: {} }, '"id" is neither'],
    [{ jsonrpc: '2.0', id: 1, error: 'no' }, '"error" is no object'],
    [{ jsonrpc: '2.0', id: 1, error: { code: 1.5, message: '' } }, '"error.code" is no integer'],
    [{ jsonrpc: '2.0', id: 1, error: { code: 1 } }, '"error.message" is no string'],
  ])('%j: %s', (value, expected) => {
    expect(told(value)).toContain(expected);
  });
});
