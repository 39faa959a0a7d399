import { isAscii, isUtf8 } from 'node:buffer';
import { type Problem, problem } from './errors.ts';
import type { Json } from './json.ts';
import { type JsonBounds, readJson } from './json-reader.ts';
import { LIMITS } from './limits.ts';
import { err, ok, type Result } from './result.ts';

export type { JsonBounds } from './json-reader.ts';

/** What one message of an agent may hold. */
export const REQUEST_BOUNDS: JsonBounds = {
  bytes: LIMITS.requestBytes,
  depth: LIMITS.jsonDepth,
  values: LIMITS.jsonValues,
  stringLength: LIMITS.stringLength,
  keyLength: LIMITS.keyLength,
};

/** What one message of an upstream may hold: results carry whole files, and numbers of any size. */
export const UPSTREAM_BOUNDS: JsonBounds = {
  bytes: LIMITS.upstreamMessageBytes,
  depth: LIMITS.jsonDepth,
  values: LIMITS.upstreamJsonValues,
  stringLength: LIMITS.upstreamStringLength,
  keyLength: LIMITS.keyLength,
  keepsWide: true,
};

/**
 * Reads one JSON text (RFC 8259) strictly: what two readers could understand differently is refused, so that what is
 * decided on cannot be something else than what anyone downstream reads (P3). Refused are invalid UTF-8, a byte order
 * mark, duplicate keys (compared after unescaping), lone surrogates, numbers that a double does not hold
 * (json-reader.ts says which), trailing text, and whatever exceeds `bounds`. Never throws. `-0` is read as 0, as RFC
 * 8785 would write it.
 *
 * The work is done by JSON.parse, five times as fast as a reader in this language can be, and what it would let pass
 * is looked for beside it. Whatever that look cannot clear goes to the strict reader, which decides alone and knows
 * positions. So the quick way only ever accepts.
 */
export function parseJson(bytes: Uint8Array, bounds: JsonBounds = REQUEST_BOUNDS): Result<Json, Problem> {
  if (bytes.length > bounds.bytes) return err(problem('BODY_TOO_LARGE', { limit: bounds.bytes }));
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return err(problem('BAD_JSON', { what: 'a byte order mark', at: 0 }));
  }
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = decode(buffer);
  if (text === null) return err(problem('BAD_UTF8', { at: firstBadByte(buffer) }));
  const look = lookOver(buffer, bounds);
  if (look !== null) {
    const value = parseQuickly(text);
    if (value !== undefined && countMembers(value, bounds, look) === look.members) return ok(value);
  }
  return readJson(text, bounds);
}

function decode(buffer: Buffer): string | null {
  if (isAscii(buffer)) return buffer.toString('latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : null;
}

function parseQuickly(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** What a look over the bytes finds. It means something only if the text proves to be JSON. */
interface Look {
  /** How many members the objects of the text have, duplicates counted. */
  readonly members: number;
  readonly hasUnicodeEscape: boolean;
  readonly hasFraction: boolean;
}

/**
 * Counts what JSON.parse does not tell. Null: the text is for the strict reader (a string does not end, it nests too
 * deep, it may hold too many values, or a number has an exponent).
 */
function lookOver(bytes: Uint8Array, bounds: JsonBounds): Look | null {
  const end = bytes.length;
  let members = 0;
  let values = 1; // at most so many: an empty container counts as if it held one
  let depth = 0;
  let hasUnicodeEscape = false;
  let hasFraction = false;
  for (let i = 0; i < end; i++) {
    switch (bytes[i]) {
      case 0x22: // "
        for (i++; i < end && bytes[i] !== 0x22; i++) {
          if (bytes[i] === 0x5c && bytes[++i] === 0x75) hasUnicodeEscape = true; // \u
        }
        if (i >= end) return null;
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x2c: // ,
        values++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        values++;
        if (++depth > bounds.depth) return null;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x2e: // .
        hasFraction = true;
        break;
      case 0x45: // E
      case 0x65: // e, also the end of true and false
        if (isDigit(bytes[i - 1])) return null;
        break;
    }
  }
  return values > bounds.values ? null : { members, hasUnicodeEscape, hasFraction };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/**
 * How many members the objects in a value have, all depths together. JSON.parse keeps the last of duplicate keys, so
 * fewer than the text has means there were some. −1: something is for the strict reader to judge.
 */
function countMembers(value: Json, bounds: JsonBounds, look: Look): number {
  if (typeof value === 'string') return isPlain(value, bounds.stringLength, look) ? 0 : -1;
  if (typeof value === 'number') {
    if (value === 0) return look.hasFraction || 1 / value < 0 ? -1 : 0; // what was tiny, or minus zero
    return value >= -Number.MAX_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? 0 : -1;
  }
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const below = countMembers(value[i] as Json, bounds, look);
      if (below < 0) return -1;
      members += below;
    }
    return members;
  }
  const object = value as { readonly [key: string]: Json };
  for (const key in object) {
    if (!isPlain(key, bounds.keyLength, look)) return -1;
    const below = countMembers(object[key] as Json, bounds, look);
    if (below < 0) return -1;
    members += below + 1;
  }
  return members;
}

function isPlain(text: string, longest: number, look: Look): boolean {
  return text.length <= longest && (!look.hasUnicodeEscape || text.isWellFormed());
}

/** The index of the first byte that belongs to no UTF-8 sequence (RFC 3629 §4); the length where all do. */
function firstBadByte(bytes: Uint8Array): number {
  let i = 0;
  while (i < bytes.length) {
    const lead = bytes[i] ?? 0;
    const length =
      lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0 || !isUtf8(bytes.subarray(i, i + length))) return i;
    i += length;
  }
  return i;
}
