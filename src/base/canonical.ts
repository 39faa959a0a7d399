import type { Json } from './json.ts';
import { wideText } from './wide-number.ts';

/**
 * The canonical text of a JSON value, RFC 8785 (JCS): keys sorted by UTF-16 code units at every depth, no white
 * space, strings and numbers as ECMAScript serialises them. Equal values give equal bytes; this is what is digested,
 * recorded and sent.
 *
 * Throws `TypeError` for what JSON cannot hold (NaN, Infinity, undefined, functions) and for lone surrogates, which
 * RFC 8785 §3.2.2.2 forbids: such a value never passed intake, so meeting one here is a bug.
 */
export function canonicalize(value: Json): string {
  if (!isInOrder(value)) return write(value);
  // The engine's own writer follows the same ECMAScript rules and makes nothing that is thrown away.
  const text = JSON.stringify(value);
  return text.includes(SURROGATE_ESCAPE) ? write(value) : text;
}

/**
 * JSON.stringify escapes lone surrogates, and no others. So one look at its text finds them, where a question for each of
 * its strings takes 5 µs an action (measured). A backslash before `ud` in a string reads alike, and is written the slow way.
 */
const SURROGATE_ESCAPE = '\\ud';

/** Whether all keys stand sorted already, and JSON.stringify would write all of it as RFC 8785 does, lone surrogates aside. */
function isInOrder(value: Json | undefined): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return isArrayInOrder(value);
  return typeof value === 'object' && isObjectInOrder(value as { readonly [key: string]: Json | undefined });
}

/** By index: a hole counts as what it reads as. */
function isArrayInOrder(items: readonly (Json | undefined)[]): boolean {
  for (let i = 0; i < items.length; i++) if (!isInOrder(items[i])) return false;
  return true;
}

function isObjectInOrder(object: { readonly [key: string]: Json | undefined }): boolean {
  let last: string | undefined;
  for (const key in object) {
    if (last !== undefined && last >= key) return false;
    const value = object[key];
    if (value !== undefined && !isInOrder(value)) return false;
    last = key;
  }
  return true;
}

function write(value: Json): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return serializeNumber(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (Array.isArray(value)) return canonicalizeArray(value);
  if (typeof value === 'object')
    return wideText(value) ?? canonicalizeObject(value as { readonly [key: string]: Json });
  throw new TypeError(`a ${typeof value} has no canonical JSON form`);
}

function canonicalizeArray(items: readonly Json[]): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + write(items[i]!);
  return `${text}]`;
}

function canonicalizeObject(object: { readonly [key: string]: Json }): string {
  const keys = Object.keys(object);
  sortKeys(keys);
  let text = '{';
  let first = true;
  for (const key of keys) {
    const value = object[key];
    if (value === undefined) continue;
    text += `${first ? '' : ','}${quote(key)}:${write(value)}`;
    first = false;
  }
  return `${text}}`;
}

/** Array.prototype.sort compares UTF-16 code units, as RFC 8785 asks; most objects arrive sorted or are tiny. */
function sortKeys(keys: string[]): void {
  for (let i = 1; i < keys.length; i++) {
    if (keys[i - 1]! > keys[i]!) {
      keys.sort();
      return;
    }
  }
}

function serializeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('NaN and Infinity have no canonical JSON form');
  return value === 0 ? '0' : String(value);
}

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

function quote(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no canonical JSON form');
  return JSON.stringify(text);
}
