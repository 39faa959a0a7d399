import { isJsonObject, type JsonObject } from '../../base/json.ts';

/** The verifier's own check of RFC 8785; base/canonical.ts, which wrote the text, has no part in it. */

/** The object that `text` is the RFC 8785 form of; null when it is none. */
export function parseCanonical(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && isCanonicalText(text, value) ? value : null;
  } catch {
    return null; // no JSON, or nested until the stack ends
  }
}

/**
 * RFC 8785 writes strings and numbers as ECMAScript does, so what JSON.stringify gives back unchanged differs from the
 * canonical form in two things at most: the order of keys, and a lone surrogate, which it would write as `\ud…`. Where
 * either may be, the slow way decides. (It must also decide for names like "10", which objects keep in another order.)
 */
function isCanonicalText(text: string, value: JsonObject): boolean {
  if (!text.includes('\\ud') && hasSortedKeys(value) && JSON.stringify(value) === text) return true;
  return canonicalText(value) === text;
}

function hasSortedKeys(value: JsonObject): boolean {
  let last: string | undefined;
  for (const key in value) {
    if (last !== undefined && last >= key) return false;
    last = key;
    const member: unknown = value[key];
    if (typeof member === 'object' && member !== null && !hasSortedKeysWithin(member)) return false;
  }
  return true;
}

function hasSortedKeysWithin(value: object): boolean {
  if (!Array.isArray(value)) return hasSortedKeys(value as JsonObject);
  for (const item of value) {
    if (typeof item === 'object' && item !== null && !hasSortedKeysWithin(item)) return false;
  }
  return true;
}

/** RFC 8785 §3.2 by the letter. Throws for a lone surrogate. */
export function canonicalText(value: unknown): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a lone surrogate');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${canonicalText(key)}:${canonicalText(member)}`).join(',')}}`;
}
