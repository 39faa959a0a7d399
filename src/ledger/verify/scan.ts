/**
 * The quick way to know that a text is canonical: one pass over its characters, no values made. It accepts only what is
 * RFC 8785 beyond doubt (sorted keys, strings without escapes, integers of at most 15 digits); whatever is not so plain
 * it leaves to the slow way in canonical.ts. Measured: 1.0 µs for an entry against 2.6.
 */
export interface Scanned {
  readonly seq: number;
  /** Where the top-level member `leaf` stands, from its key's quote to behind its value; -1 without one. */
  readonly leafFrom: number;
  readonly leafTo: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const MOST_DEPTH = 64;
/** More digits than that may not be what ECMAScript writes for the number. */
const MOST_DIGITS = 15;
const UNSURE = -1;

/** What an entry's text says of its place; null when the text is not plain, or holds no such seq. */
export function scanEntry(text: string): Scanned | null {
  if (text.charCodeAt(0) !== OPEN_BRACE) return null;
  let seq = UNSURE;
  let leafFrom = -1;
  let leafTo = -1;
  let lastFrom = 0;
  let lastTo = 0;
  let at = 1;
  for (;;) {
    const keyEnd = endOfString(text, at);
    if (keyEnd === UNSURE || text.charCodeAt(keyEnd) !== COLON) return null;
    if (at > 1 && !isLess(text, lastFrom, lastTo, at + 1, keyEnd - 1)) return null;
    const end = endOfValue(text, keyEnd + 1, 1);
    if (end === UNSURE) return null;
    if (isKey(text, at, keyEnd, 'seq')) seq = integerOf(text, keyEnd + 1, end);
    else if (isKey(text, at, keyEnd, 'leaf')) [leafFrom, leafTo] = [at, end];
    if (text.charCodeAt(end) === CLOSE_BRACE) {
      return end + 1 === text.length && seq >= 0 ? { seq, leafFrom, leafTo } : null;
    }
    if (text.charCodeAt(end) !== COMMA) return null;
    [lastFrom, lastTo] = [at + 1, keyEnd - 1];
    at = end + 1;
  }
}

function isKey(text: string, at: number, keyEnd: number, name: string): boolean {
  return keyEnd - at === name.length + 2 && text.startsWith(name, at + 1);
}

function integerOf(text: string, from: number, to: number): number {
  const code = text.charCodeAt(from);
  return code >= ZERO && code <= NINE ? Number(text.slice(from, to)) : UNSURE;
}

/** Keys in the order of UTF-16 code units, the first strictly before the second. */
function isLess(text: string, aFrom: number, aTo: number, bFrom: number, bTo: number): boolean {
  let b = bFrom;
  for (let a = aFrom; a < aTo; a++, b++) {
    if (b === bTo) return false;
    const difference = text.charCodeAt(a) - text.charCodeAt(b);
    if (difference !== 0) return difference < 0;
  }
  return b < bTo;
}

/** Behind the closing quote; unsure of anything escaped, of control characters and of surrogates. */
function endOfString(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return UNSURE;
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 0x20 || code === BACKSLASH || (code & 0xf800) === 0xd800) return UNSURE;
  }
  return UNSURE;
}

function endOfValue(text: string, from: number, depth: number): number {
  switch (text.charCodeAt(from)) {
    case QUOTE:
      return endOfString(text, from);
    case OPEN_BRACE:
      return endOfObject(text, from, depth + 1);
    case OPEN_BRACKET:
      return endOfArray(text, from, depth + 1);
    case 0x74:
      return text.startsWith('true', from) ? from + 4 : UNSURE;
    case 0x66:
      return text.startsWith('false', from) ? from + 5 : UNSURE;
    case 0x6e:
      return text.startsWith('null', from) ? from + 4 : UNSURE;
    default:
      return endOfInteger(text, from);
  }
}

/** `0`, or digits that do not begin with it, after an optional minus. A fraction or exponent stops whoever goes on. */
function endOfInteger(text: string, from: number): number {
  const first = text.charCodeAt(from) === MINUS ? from + 1 : from;
  if (text.charCodeAt(first) === ZERO) return first === from ? first + 1 : UNSURE;
  let at = first;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at++;
  return at > first && at - first <= MOST_DIGITS ? at : UNSURE;
}

function endOfObject(text: string, from: number, depth: number): number {
  if (depth > MOST_DEPTH) return UNSURE;
  if (text.charCodeAt(from + 1) === CLOSE_BRACE) return from + 2;
  let lastFrom = 0;
  let lastTo = 0;
  let at = from + 1;
  for (;;) {
    const keyEnd = endOfString(text, at);
    if (keyEnd === UNSURE || text.charCodeAt(keyEnd) !== COLON) return UNSURE;
    if (at > from + 1 && !isLess(text, lastFrom, lastTo, at + 1, keyEnd - 1)) return UNSURE;
    const end = endOfValue(text, keyEnd + 1, depth);
    if (end === UNSURE) return UNSURE;
    if (text.charCodeAt(end) === CLOSE_BRACE) return end + 1;
    if (text.charCodeAt(end) !== COMMA) return UNSURE;
    [lastFrom, lastTo] = [at + 1, keyEnd - 1];
    at = end + 1;
  }
}

function endOfArray(text: string, from: number, depth: number): number {
  if (depth > MOST_DEPTH) return UNSURE;
  if (text.charCodeAt(from + 1) === CLOSE_BRACKET) return from + 2;
  let at = from + 1;
  for (;;) {
    const end = endOfValue(text, at, depth);
    if (end === UNSURE) return UNSURE;
    if (text.charCodeAt(end) === CLOSE_BRACKET) return end + 1;
    if (text.charCodeAt(end) !== COMMA) return UNSURE;
    at = end + 1;
  }
}
