import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { checkParamHeaders, headerParamsOf, paramHeaders } from './header-params.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    options: { type: 'object', properties: { retries: { type: 'integer', 'x-mcp-header': 'Retries' } } },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' },
    query: { type: 'string', default: { 'x-mcp-header': 'data' } },
  },
};

function params() {
  const read = headerParamsOf(SCHEMA);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

test('the marked parameters are found at any depth', () => {
  expect(params()).toEqual([
    { path: ['region'], header: 'Mcp-Param-Region', type: 'string' },
    { path: ['options', 'retries'], header: 'Mcp-Param-Retries', type: 'integer' },
    { path: ['dry'], header: 'Mcp-Param-Dry-Run', type: 'boolean' },
  ]);
});

test.each<[JsonObject, string]>([
  [{ 'x-mcp-header': 'A' }, 'where no named parameter is'],
  [
    { properties: { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } } },
    'where no named',
  ],
  [
    { anyOf: [{ properties: { a: { type: 'string', 'x-mcp-header': 'A' } } }] },
    'where no named parameter is',
  ],
  [{ $defs: { a: { type: 'string', 'x-mcp-header': 'A' } } }, 'where no named parameter is'],
  [{ properties: { a: { type: 'string', 'x-mcp-header': '' } } }, 'no header name'],
  [{ properties: { a: { type: 'string', 'x-mcp-header': 'a b' } } }, 'no header name'],
  [{ properties: { a: { type: 'string', 'x-mcp-header': 'a\r\nHost: x' } } }, 'no header name'],
  [{ properties: { a: { type: 'string', 'x-mcp-header': 5 } } }, 'no header name'],
  [{ properties: { a: { type: 'number', 'x-mcp-header': 'A' } } }, 'neither string, integer nor boolean'],
  [
    {
      properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } },
    },
    'two parameters share one',
  ],
])('a schema that marks wrongly: %j', (schema, expected) => {
  const read = headerParamsOf(schema);
  expect(read.ok ? 'ok' : read.error).toContain(expected);
});

describe('headers and arguments', () => {
  const args = { region: 'us-west1', options: { retries: 3 }, dry: false, query: 'q' };
  const agreed = { 'mcp-param-region': 'us-west1', 'mcp-param-retries': '3', 'mcp-param-dry-run': 'false' };
  test.each<[string, Record<string, string | string[]>, JsonObject, string | null]>([
    ['agree', agreed, args, null],
    ['an integer written otherwise', { ...agreed, 'mcp-param-retries': '3.0' }, args, null],
    ['a header that nobody knows', { ...agreed, 'mcp-param-other': 'x' }, args, null],
    ['absent on both sides', {}, { query: 'q' }, null],
    ['null is absent', {}, { region: null }, null],
    ['a header for nothing', { 'mcp-param-region': 'x' }, {}, 'the body has no "arguments.region"'],
    ['a header for null', { 'mcp-param-region': 'x' }, { region: null }, 'the body has no'],
    ['no header', {}, { region: 'x' }, 'it is missing, and the body has "arguments.region"'],
    ['another value', { 'mcp-param-region': 'eu' }, { region: 'us' }, 'it says eu'],
    ['another integer', { 'mcp-param-retries': '4' }, { options: { retries: 3 } }, 'it says 4'],
    [
      'a fraction that no double holds',
      { 'mcp-param-retries': '3.00000000000000000001' },
      { options: { retries: 3 } },
      'it says 3.',
    ],
    ['zeros ahead', { 'mcp-param-retries': '003' }, { options: { retries: 3 } }, 'it says 003'],
    [
      'the neighbour of the largest',
      { 'mcp-param-retries': '9007199254740993' },
      { options: { retries: 9_007_199_254_740_992 } },
      'it says 9007199254740993',
    ],
    ['an exponent', { 'mcp-param-retries': '3e0' }, { options: { retries: 3 } }, 'it says 3e0'],
    ['a boolean in capitals', { 'mcp-param-dry-run': 'False' }, { dry: false }, 'it says False'],
    ['twice', { 'mcp-param-region': ['us', 'us'] }, { region: 'us' }, 'more than once'],
    ['broken Base64', { 'mcp-param-region': '=?base64?!?=' }, { region: 'us' }, 'does not decode'],
    ['an object in the body', { 'mcp-param-region': 'x' }, { region: {} }, 'it says x'],
    ['an inherited name', {}, { options: { toString: 1 } }, null],
  ])('%s', (_, headers, given, expected) => {
    const problem = checkParamHeaders(headers, params(), given);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem?.sentence).toContain(expected);
  });

  test('what we send for arguments passes the check', () => {
    const sent = paramHeaders(params(), { ...args, region: ' ü ' });
    expect(sent).toEqual({
      'Mcp-Param-Region': '=?base64?IMO8IA==?=',
      'Mcp-Param-Retries': '3',
      'Mcp-Param-Dry-Run': 'false',
    });
    const lower = Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(checkParamHeaders(lower, params(), { ...args, region: ' ü ' })).toBeNull();
  });
});
