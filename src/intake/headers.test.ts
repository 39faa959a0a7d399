import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import { checkHeaders, decodeHeaderValue, encodeHeaderValue, type Headers, readRevision } from './headers.ts';
import { type Message, readMessage } from './message.ts';
import { readEnvelope } from './revision.ts';

const CLAIM = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

function message(value: JsonObject): Message {
  const read = readMessage({ jsonrpc: '2.0', ...value });
  if (!read.ok) throw new Error(read.error.sentence);
  return read.value;
}

const call = (method: string, params: JsonObject = {}, claim?: Json) =>
  message({
    id: 1,
    method,
    params: claim === undefined ? params : { ...params, _meta: { [CLAIM]: claim, [CAPABILITIES]: {} } },
  });

describe('which version a message belongs to', () => {
  const v = (version: string | readonly string[]): Headers => ({ 'mcp-protocol-version': version });
  const cases: [string, Headers, Message, string][] = [
    ['both say 2026', v('2026-07-28'), call('tools/list', {}, '2026-07-28'), '2026 2026-07-28'],
    ['white space around', v(' 2026-07-28\t'), call('tools/list', {}, '2026-07-28'), '2026 2026-07-28'],
    ['body alone', {}, call('tools/list', {}, '2026-07-28'), 'HEADER_MISMATCH'],
    ['header alone', v('2026-07-28'), call('tools/list'), 'BAD_ENVELOPE'],
    ['they differ', v('2025-11-25'), call('tools/list', {}, '2026-07-28'), 'HEADER_MISMATCH'],
    ['they differ the other way', v('2026-07-28'), call('tools/list', {}, '2025-11-25'), 'HEADER_MISMATCH'],
    ['twice', v(['2026-07-28', '2026-07-28']), call('tools/list', {}, '2026-07-28'), 'HEADER_MISMATCH'],
    ['joined', v('2026-07-28, 2025-11-25'), call('tools/list'), 'UNSUPPORTED_VERSION'],
    ['a claim of another kind', v('2026-07-28'), call('tools/list', {}, 5), 'BAD_ENVELOPE'],
    ['a version of tomorrow', v('2027-01-01'), call('tools/list', {}, '2027-01-01'), 'UNSUPPORTED_VERSION'],
    ['initialize under 2026', v('2026-07-28'), call('initialize'), 'HEADER_MISMATCH'],
    ['initialize without a header', {}, call('initialize'), '2025 null'],
    ['2025 without a header', {}, call('tools/list'), '2025 null'],
    ['2025-11-25', v('2025-11-25'), call('tools/list'), '2025 2025-11-25'],
    ['2025-06-18', v('2025-06-18'), call('tools/list'), '2025 2025-06-18'],
    ['2025-03-26, as if left out', v('2025-03-26'), call('tools/list'), '2025 null'],
    ['2025-03-26 over 2026', v('2025-03-26'), call('tools/list', {}, '2026-07-28'), 'HEADER_MISMATCH'],
    ['2024-11-05 is not spoken', v('2024-11-05'), call('tools/list'), 'UNSUPPORTED_VERSION'],
    ['no version at all', v('latest'), call('tools/list'), 'UNSUPPORTED_VERSION'],
    ['an empty header', v(''), call('tools/list'), 'UNSUPPORTED_VERSION'],
    ['not ASCII', v('2026‐07‐28'), call('tools/list', {}, '2026-07-28'), 'HEADER_MISMATCH'],
    ['2026 notification', v('2026-07-28'), message({ method: 'notifications/cancelled' }), '2026 2026-07-28'],
    ['response to us, 2025', v('2025-11-25'), message({ id: 1, result: {} }), '2025 2025-11-25'],
    ['response to us, 2026', v('2026-07-28'), message({ id: 1, result: {} }), 'BAD_MESSAGE'],
  ];
  test.each(cases)('%s', (_, headers, given, expected) => {
    const read = readRevision(headers, given);
    expect(read.ok ? `${read.value.generation} ${read.value.version}` : read.error.code).toBe(expected);
  });
});

describe('Mcp-Method and Mcp-Name', () => {
  const tool = call('tools/call', { name: 'read_file' });
  const h = (method?: string | string[], name?: string | string[]): Headers => ({
    'mcp-method': method,
    'mcp-name': name,
  });
  const cases: [string, Headers, Message, string | null][] = [
    ['they agree', h('tools/call', 'read_file'), tool, null],
    [
      'no method',
      h(undefined, 'read_file'),
      tool,
      'The header mcp-method does not agree with the body: it is missing.',
    ],
    ['another method', h('tools/list', 'read_file'), tool, 'it says tools/list, the body tools/call'],
    ['another case', h('Tools/Call', 'read_file'), tool, 'it says Tools/Call'],
    ['no name', h('tools/call'), tool, 'The header mcp-name does not agree with the body: it is missing.'],
    ['another name', h('tools/call', 'write_file'), tool, 'it says write_file'],
    ['two names', h('tools/call', ['read_file', 'write_file']), tool, 'it stands more than once'],
    ['the same name twice', h('tools/call', ['read_file', 'read_file']), tool, 'it stands more than once'],
    ['name in Base64', h('tools/call', '=?base64?cmVhZF9maWxl?='), tool, null],
    ['Base64 with a tail', h('tools/call', '=?base64?cmVhZF9maWxl===?='), tool, 'does not decode'],
    ['Base64 of no UTF-8', h('tools/call', '=?base64?/w==?='), tool, 'does not decode'],
    ['Base64 with stray bits', h('tools/call', '=?base64?cmVhZF9maWxlcw=?='), tool, 'does not decode'],
    ['uri', h('resources/read', 'file:///a'), call('resources/read', { uri: 'file:///a' }), null],
    [
      'uri, not ASCII',
      h('resources/read', '=?base64?ZmlsZTovLy/DpA==?='),
      call('resources/read', { uri: 'file:///ä' }),
      null,
    ],
    ['name of a URI', h('resources/read', 'x'), call('resources/read', { uri: 'y', name: 'x' }), 'it says x'],
    ['a body without a name', h('tools/call', 'x'), call('tools/call'), 'it says x'],
    ['neither has a name', h('tools/call'), call('tools/call'), null],
    ['a name where none is', h('tools/list', 'x'), call('tools/list'), 'tools/list names nothing'],
    ['a method like a property', h('constructor'), call('constructor'), null],
    ['notification without', h(), message({ method: 'notifications/cancelled' }), null],
    ['notification with another', h('x'), message({ method: 'notifications/cancelled' }), 'it says x'],
  ];
  test.each(cases)('%s', (_, headers, given, expected) => {
    const problem = checkHeaders(headers, given);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem?.sentence).toContain(expected);
  });
});

describe('the older generation needs no such headers, and what they say must be true', () => {
  const named = call('tools/call', { name: 'echo' });
  const cases: readonly (readonly [string, Headers, Message, string | null])[] = [
    ['none', {}, named, null],
    ['the method alone', { 'mcp-method': 'tools/call' }, named, null],
    ['both', { 'mcp-method': 'tools/call', 'mcp-name': 'echo' }, named, null],
    ['another method', { 'mcp-method': 'tools/list' }, named, 'it says tools/list'],
    ['another name', { 'mcp-name': 'count' }, named, 'it says count'],
    ['a name where none is', { 'mcp-name': 'count' }, call('tools/list'), 'tools/list names nothing'],
  ];
  test.each(cases)('%s', (_, headers, given, expected) => {
    const problem = checkHeaders(headers, given, '2025');
    if (expected === null) expect(problem).toBeNull();
    else expect(problem?.sentence).toContain(expected);
  });
});

test('every text comes back from its header value, which is plain ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const value = encodeHeaderValue(text);
      expect(value).toMatch(/^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/);
      expect(decodeHeaderValue(value)).toBe(text);
    }),
  );
});

test.each([
  ['us-west1', 'us-west1'],
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ['', '=?base64??='],
])('the table of the specification: %j', (text, value) => {
  expect(encodeHeaderValue(text)).toBe(value);
  expect(decodeHeaderValue(value)).toBe(text);
});

describe('the envelope of 2026-07-28', () => {
  const whole = { [CLAIM]: '2026-07-28', [CAPABILITIES]: {} };
  test.each<[JsonObject, string]>([
    [whole, 'ok'],
    [
      {
        ...whole,
        'io.modelcontextprotocol/clientInfo': { name: 'x' },
        'io.modelcontextprotocol/logLevel': 'info',
      },
      'ok',
    ],
    [{ [CLAIM]: '2026-07-28' }, 'BAD_ENVELOPE'],
    [{ [CAPABILITIES]: {} }, 'BAD_ENVELOPE'],
    [{ ...whole, [CAPABILITIES]: [] }, 'BAD_ENVELOPE'],
    [{ ...whole, [CLAIM]: '2031-01-01' }, 'UNSUPPORTED_VERSION'],
    [{ ...whole, 'io.modelcontextprotocol/clientInfo': 'x' }, 'BAD_ENVELOPE'],
    [{ ...whole, 'io.modelcontextprotocol/logLevel': 'loud' }, 'BAD_ENVELOPE'],
  ])('%j: %s', (meta, expected) => {
    const read = readEnvelope(meta);
    expect(read.ok ? 'ok' : read.error.code).toBe(expected);
  });
});
