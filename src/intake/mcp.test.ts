import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import { type CallerMeta, readAttempt, readCallerMeta, splitName, type Where } from './mcp.ts';
import { readMessage } from './message.ts';

const WHERE: Where = { agent: 'writer', session: 's1', token: 't1', door: 'mcp', upstream: 'files' };

function attempt(method: string, params: JsonObject, where = WHERE) {
  const read = readMessage({ jsonrpc: '2.0', id: 1, method, params });
  if (!read.ok || read.value.kind !== 'request') throw new Error('the test itself is wrong');
  return readAttempt(read.value, where);
}

function told(method: string, params: JsonObject): string {
  const read = attempt(method, params);
  return read.ok ? 'ok' : `${read.error.code}: ${read.error.sentence}`;
}

describe('attempts', () => {
  test('answers go on with a state, and without one are offered ahead', () => {
    const inputResponses = { who: { action: 'decline' } };
    const read = (more: JsonObject) => attempt('tools/call', { name: 'a', ...more });
    expect(read({ inputResponses, requestState: 's' })).toMatchObject({
      value: { continues: { state: 's', responses: inputResponses } },
    });
    const ahead = read({ inputResponses });
    expect(ahead).toMatchObject({ value: { offers: inputResponses } });
    expect(ahead.ok && ahead.value).not.toHaveProperty('continues');
    expect(read({ inputResponses: {} })).toEqual(read({}));
  });

  test('tools/call: names, arguments and the caller’s claims, and nothing else', () => {
    const params = {
      name: 'write_file',
      arguments: { path: 'a', deep: [{ b: null }] },
      _meta: {
        progressToken: 7,
        traceparent: '00-x',
        'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
        'dev.lanyard/reason': 'asked\nfor',
        'dev.lanyard/idempotency': 'k1',
        'dev.lanyard/session': 'other',
      },
    };
    expect(attempt('tools/call', params)).toEqual({
      ok: true,
      value: {
        ...WHERE,
        method: 'tools/call',
        name: 'write_file',
        arguments: { path: 'a', deep: [{ b: null }] },
        reason: 'asked\nfor',
        idempotency: 'k1',
      },
    });
  });

  test('the name that the door found holds, and the one in the message does not', () => {
    const read = attempt('tools/call', { name: 'files__read' }, { ...WHERE, name: 'read' });
    expect(read).toMatchObject({ ok: true, value: { name: 'read', arguments: {} } });
  });

  test('resources/read has its URI as name and as argument', () => {
    expect(attempt('resources/read', { uri: 'file:///a' })).toMatchObject({
      value: { name: 'file:///a', arguments: { uri: 'file:///a' } },
    });
  });

  test('prompts/get may have any name and has text as arguments', () => {
    expect(attempt('prompts/get', { name: 'Review this!', arguments: { a: 'b' } })).toMatchObject({
      value: { name: 'Review this!', arguments: { a: 'b' } },
    });
  });

  test.each<[string, JsonObject, string]>([
    ['tools/list', {}, 'UNKNOWN_METHOD'],
    ['tools/call', {}, 'BAD_PARAMS: The parameters do not fit the method: "name" is no string, or empty.'],
    ['tools/call', { name: 5 }, '"name" is no string'],
    ['tools/call', { name: 'a b' }, 'UNKNOWN_OPERATION: There is no tool "a b" here.'],
    ['tools/call', { name: 'a/../b' }, 'UNKNOWN_OPERATION'],
    ['tools/call', { name: 'a\n' }, 'UNKNOWN_OPERATION'],
    ['tools/call', { name: 'x'.repeat(129) }, 'UNKNOWN_OPERATION'],
    ['tools/call', { name: 'a', arguments: null }, '"arguments" is no object'],
    ['tools/call', { name: 'a', arguments: [] }, '"arguments" is no object'],
    ['tools/call', { name: 'a', arguments: { __proto: 1 } }, 'RESERVED_KEY: The key "__proto" begins'],
    ['tools/call', { name: 'a', arguments: { x: [[{ __extn: 1 }]] } }, 'RESERVED_KEY: The key "__extn"'],
    ['tools/call', JSON.parse('{"name":"a","arguments":{"__proto__":{}}}') as JsonObject, 'RESERVED_KEY'],
    ['prompts/get', { name: 'a', task: {} }, '"task" is not known'],
    ['tools/call', { name: 'a', inputResponses: { a: { __extn: 1 } } }, 'RESERVED_KEY: The key "__extn"'],
    ['tools/call', { name: 'a', inputResponses: [], requestState: 's' }, '"inputResponses" is no object'],
    ['tools/call', { name: 'a', requestState: 1 }, '"requestState" is no string'],
    ['completion/complete', { ref: {}, argument: {}, requestState: 's' }, '"requestState" is not known'],
    ['tools/call', { name: 'a', Name: 'b' }, '"Name" is not known'],
    ['tools/call', { name: 'a', uri: 'b' }, '"uri" is not known'],
    ['resources/read', { uri: '' }, '"uri" is no string, or empty'],
    ['resources/read', { uri: 'file:///a\u0000' }, '"uri" holds control characters'],
    ['resources/read', { uri: `file:///${'x'.repeat(9000)}` }, '"uri" is longer than 8192 characters'],
    ['resources/read', { uri: 'a', arguments: {} }, '"arguments" is not known'],
    ['prompts/get', { name: 'a', arguments: { b: 1 } }, '"arguments.b" is no string'],
    ['prompts/get', { name: 'a', arguments: { __b: 'x' } }, 'RESERVED_KEY'],
    ['prompts/get', { name: 'a\u0007' }, 'UNKNOWN_OPERATION: There is no prompt "a\ufffd" here.'],
  ])('%s %j: %s', (method, params, expected) => {
    expect(told(method, params)).toContain(expected);
  });
});

describe('what callers say in _meta', () => {
  test.each<[JsonObject, CallerMeta]>([
    [{ progressToken: 'p' }, { progressToken: 'p' }],
    [{ progressToken: 0 }, { progressToken: 0 }],
    [{ 'dev.lanyard/session': 's' }, { session: 's' }],
    [{ 'dev.lanyard/parent': 'p' }, { parent: 'p' }],
    [{ 'claudecode/toolUseId': 'x', 'dev.lanyardX/reason': 4 }, {}],
  ])('%j', (meta, expected) => {
    expect(readCallerMeta(meta)).toEqual({ ok: true, value: expected });
  });

  test.each<[string, Json]>([
    ['progressToken', 1.5],
    ['progressToken', null],
    ['progressToken', {}],
    ['dev.lanyard/session', ''],
    ['dev.lanyard/session', 'x'.repeat(257)],
    ['dev.lanyard/session', 'a\u001bb'],
    ['dev.lanyard/session', 5],
    ['dev.lanyard/parent', ''],
    ['dev.lanyard/parent', { session: 'x' }],
    ['dev.lanyard/marks', []],
    ['dev.lanyard/idempotency', null],
    ['dev.lanyard/reason', 'x'.repeat(2001)],
    ['dev.lanyard/reason', 'a\u0000'],
    ['dev.lanyard/reason', ['x']],
    ['dev.lanyard/decision', { decision: 'allow' }],
    ['dev.lanyard/idempotencey', 'misspelt'],
    ['dev.lanyard/', 'x'],
  ])('%s: %j is refused', (key, value) => {
    const read = readCallerMeta({ [key]: value });
    expect(read.ok ? 'ok' : read.error.code).toBe('BAD_PARAMS');
  });
});

test.each([
  ['files__read', { upstream: 'files', name: 'read' }],
  ['files__read__all', { upstream: 'files', name: 'read__all' }],
  ['a___b', { upstream: 'a', name: '_b' }],
  ['read', null],
  ['__read', null],
  ['files__', null],
])('the common address: %s', (name, expected) => {
  expect(splitName(name)).toEqual(expected);
});
