import { type Json, type JsonObject, setKey } from './json.ts';

/** ECMAScript 2026, which the library files of TypeScript do not have yet. */
interface RawJson {
  readonly rawJSON: string;
}
declare global {
  interface JSON {
    rawJSON(text: string): RawJson & JsonObject;
    isRawJSON(value: unknown): value is RawJson;
  }
}

/**
 * A number that no double holds (an id of 64 bits), in what an upstream answers: it stays as it was written, and
 * JSON.stringify writes those very characters. Intake of agents makes none: what is decided on is read exactly or refused.
 * `token` is a number of RFC 8259 §6.
 */
export function wideNumber(token: string): JsonObject {
  return JSON.rawJSON(token);
}

/** How a wide number was written; null for every other value. */
export function wideText(value: Json): string | null {
  return JSON.isRawJSON(value) ? value.rawJSON : null;
}

/** The value with the nearest double in the place of each wide number; the same value where there is none. */
export function withoutWide(value: JsonObject): JsonObject;
export function withoutWide(value: Json): Json;
export function withoutWide(value: Json): Json {
  return holdsWide(value) ? rounded(value) : value;
}

export function holdsWide(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return wideText(value) !== null || Object.values(value).some(holdsWide);
}

function rounded(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  const text = wideText(value);
  if (text !== null) return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(text)));
  if (Array.isArray(value)) return value.map(rounded);
  const object: Record<string, Json> = {};
  for (const [key, below] of Object.entries(value)) setKey(object, key, rounded(below));
  return object;
}
