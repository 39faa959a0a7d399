import { isJsonObject, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { RequestId } from './message.ts';

/** What Python's writer of JSON makes of numbers that JSON does not have. */
const NO_NUMBERS = /\b(?:NaN|Infinity)\b/g;

/**
 * A message that was refused, read loosely. Use it only to find out which request is to be answered by the refusal. Of a
 * batch the first message. Null where it is no object.
 */
export function looseMessage(bytes: Uint8Array): JsonObject | null {
  const text = new TextDecoder().decode(bytes); // without a byte order mark, and with a mark for what is no UTF-8
  const read = looselyRead(text) ?? looselyRead(text.replace(NO_NUMBERS, '0'));
  const value: unknown = Array.isArray(read) ? read[0] : read;
  return isJsonObject(value) ? value : null;
}

function looselyRead(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** How much of either end of a message is looked at where the whole was too long to keep. */
export const END_BYTES = 256;

const ID = String.raw`"id"\s*:\s*(-?\d{1,16}|"(?:[^"\\]|\\.){0,200}")`;
const FIRST = new RegExp(String.raw`^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?${ID}\s*,`);
const LAST = new RegExp(String.raw`,\s*${ID}\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$`);

/** The id of a request of which only the ends are known: every library writes it first or last. Null where none stands there. */
export function idAtEnds(head: Uint8Array, tail: Uint8Array): RequestId | null {
  const decoder = new TextDecoder();
  const found = FIRST.exec(decoder.decode(head))?.[1] ?? LAST.exec(decoder.decode(tail))?.[1];
  return found === undefined ? null : idOf(looselyRead(found));
}

/** The id under which a refused request can be answered. */
export function looseRequestId(bytes: Uint8Array): RequestId | null {
  const message = looseMessage(bytes);
  return message !== null && Object.hasOwn(message, 'method') ? idOf(message['id']) : null;
}

function idOf(id: unknown): RequestId | null {
  if (typeof id === 'string') return id.length <= LIMITS.callerNameLength ? id : null;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
}
