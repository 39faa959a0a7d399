import type { Problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, memberAt } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { decodeHeaderValue, encodeHeaderValue, fieldOf, type Headers, mismatchOf } from './headers.ts';

/** One argument that a tool of 2026-07-28 wants mirrored into a header. */
export interface HeaderParam {
  /** Where it is in the arguments. */
  readonly path: readonly string[];
  /** `Mcp-Param-<name>` as the schema spells it. */
  readonly header: string;
  readonly type: 'string' | 'integer' | 'boolean';
}

const KEYWORD = 'x-mcp-header';
/** RFC 9110 §5.6.2 `token`. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Keywords whose value is data, where the keyword means nothing. */
const DATA = new Set(['const', 'default', 'enum', 'examples']);

/**
 * The arguments that an input schema marks with `x-mcp-header` ("Schema Extension"). The error says, in a few words,
 * what the schema does wrong; clients must leave such a tool out of what they list.
 */
export function headerParamsOf(schema: JsonObject): Result<readonly HeaderParam[], string> {
  const found: HeaderParam[] = [];
  const fault = scan(schema, [], true, found);
  if (fault !== null) return err(fault);
  const names = new Set(found.map((param) => param.header.toLowerCase()));
  return names.size === found.length ? ok(found) : err(`two parameters share one ${KEYWORD}`);
}

function scan(
  schema: Json,
  path: readonly string[],
  reachable: boolean,
  found: HeaderParam[],
): string | null {
  if (Array.isArray(schema)) return firstFault(schema, (item) => scan(item, path, false, found));
  if (!isJsonObject(schema)) return null;
  if (Object.hasOwn(schema, KEYWORD)) {
    if (!reachable || path.length === 0) return `${KEYWORD} stands where no named parameter is`;
    const param = readParam(schema, path);
    if (typeof param === 'string') return param;
    found.push(param);
  }
  return firstFault(Object.entries(schema), ([key, below]) => {
    if (DATA.has(key)) return null;
    if (key !== 'properties' || !isJsonObject(below)) return scan(below, path, false, found);
    return firstFault(Object.entries(below), ([name, child]) =>
      scan(child, [...path, name], reachable, found),
    );
  });
}

function firstFault<T>(items: readonly T[], look: (item: T) => string | null): string | null {
  for (const item of items) {
    const fault = look(item);
    if (fault !== null) return fault;
  }
  return null;
}

function readParam(schema: JsonObject, path: readonly string[]): HeaderParam | string {
  const name = schema[KEYWORD];
  if (typeof name !== 'string' || !TOKEN.test(name))
    return `the ${KEYWORD} of ${path.join('.')} is no header name`;
  const type = schema['type'];
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
    return `the ${KEYWORD} of ${path.join('.')} is on what is neither string, integer nor boolean`;
  }
  return { path, header: `Mcp-Param-${name}`, type };
}

/**
 * Compares the `Mcp-Param-*` headers of a tools/call with its arguments. Null: they agree. A header for an argument
 * that is null or absent is refused too: something in between may have acted on it. Headers that the schema does not
 * know are nobody's and are left alone, as RFC 9110 §5.1 has it.
 */
export function checkParamHeaders(
  headers: Headers,
  params: readonly HeaderParam[],
  args: JsonObject,
): Problem | null {
  for (const param of params) {
    const field = fieldOf(headers, param.header.toLowerCase());
    if (!field.ok) return field.error;
    const value = memberAt(args, param.path) ?? null;
    const what = compare(param, field.value, value);
    if (what !== null) return mismatchOf(param.header, what);
  }
  return null;
}

function compare(param: HeaderParam, field: string | null, value: Json): string | null {
  const place = `"arguments.${param.path.join('.')}"`;
  if (value === null) return field === null ? null : `the body has no ${place}`;
  if (field === null) return `it is missing, and the body has ${place}`;
  const text = decodeHeaderValue(field);
  if (text === null) return 'its Base64 does not decode to text';
  // "servers SHOULD compare the header value and the body value numerically": 42.0 and 42 are equal. A double would also
  // take 42.00000000000000000001 for it, and a number beyond 2^53 for its neighbour.
  const given = param.type === 'integer' ? text.replace(/^(-?(?:0|[1-9][0-9]*))\.0+$/, '$1') : text;
  return given === textOf(value) ? null : `it says ${text}, the body has another ${place}`;
}

/** The headers that a client sends with these arguments. */
export function paramHeaders(params: readonly HeaderParam[], args: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const param of params) {
    const text = textOf(memberAt(args, param.path) ?? null);
    if (text !== null) headers[param.header] = encodeHeaderValue(text);
  }
  return headers;
}

function textOf(value: Json): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
