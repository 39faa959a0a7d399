import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { wideText } from '../../base/wide-number.ts';

/**
 * Secrets entrusted to Lanyard (`env:`, `file:` of the configuration) never reach the agent, the log or a message (P8).
 * They are known exactly, so they are found exactly: as they are, and in the encodings that a server or a model is
 * likely to answer them in. What is encrypted, compressed or taken apart is not found.
 */
export interface Scrubber {
  /** The text without any known secret; the very same string where there was none. */
  scrub(text: string): string;
  /** The same object for as long as it knows the same secrets. */
  edition(): object;
}

const SCRUBBED = '[secret]';
/** A shorter secret would scrub ordinary words; the configuration refuses it. */
export const SHORTEST_SECRET = 6;

/** Of one pattern, in characters: V8 compiles none of some hundred thousand, and is slow well before. */
const PATTERN_LENGTH = 20_000;

export function createScrubber(secrets: Iterable<string>): Scrubber {
  const sources = new Set<string>();
  // Longest first: a secret that contains another must go as a whole.
  for (const secret of [...new Set([...secrets].map((one) => one.trim()))].sort(
    (a, b) => b.length - a.length,
  ))
    if (secret.length >= SHORTEST_SECRET) for (const source of sourcesOf(secret)) sources.add(source);
  const edition = {};
  if (sources.size === 0) return { scrub: (text) => text, edition: () => edition };
  const patterns = alternatives([...sources]).map((pattern) => new RegExp(pattern, 'g'));
  const scrub = (text: string) => patterns.reduce((rest, pattern) => rest.replace(pattern, SCRUBBED), text);
  return { scrub, edition: () => edition };
}

/** One after the other, in patterns of about the same length: a short rest would match ordinary words. */
function inPieces(parts: readonly string[]): string[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const each = length / Math.ceil(length / PATTERN_LENGTH);
  const pieces = [''];
  for (const part of parts) {
    if ((pieces.at(-1) ?? '').length >= each) pieces.push('');
    pieces[pieces.length - 1] += part;
  }
  return pieces;
}

/** Any of the sources, in as few patterns as may be. A text of any length alone is none that V8 compiles. */
function alternatives(sources: readonly string[]): string[] {
  const patterns: string[] = [];
  for (const source of sources) {
    const joined = `${patterns.at(-1)}|${source}`;
    if (patterns.length > 0 && joined.length <= PATTERN_LENGTH) patterns[patterns.length - 1] = joined;
    else patterns.push(source);
  }
  return patterns;
}

/**
 * Patterns of one secret: as text in any mix of the usual escapes, in hex, and in base64 at each of the three offsets.
 * One that is longer than a pattern may be is looked for in pieces.
 */
function sourcesOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const core = base64Forms(bytes).filter((form) => form.length >= SHORTEST_SECRET);
  return [
    ...inPieces([...secret].map((character, i) => characterSource(character, i === 0))),
    ...inPieces([...bytes].map((byte, i) => `${i === 0 ? '' : '[: -]?'}${anyCase(hexOf(byte, 2))}`)),
    ...core.flatMap((form) => base64Sources(form)),
  ];
}

/** Base64 in lines (RFC 2045 §6.8, and what `base64` prints): a break may stand anywhere, in JSON as an escape. */
const BREAKS = String.raw`(?:[\r\n]|\\{1,8}[rn]){0,4}`;
/** A longer one is looked for in one line: with a possible break behind each character its pattern would be far too long. */
const LONGEST_BROKEN = 1024;

function base64Sources(form: string): readonly string[] {
  if (form.length > LONGEST_BROKEN) return [literally(form)];
  return inPieces([...form].map((character, i) => `${i === 0 ? '' : BREAKS}${literally(character)}`));
}

/**
 * One character as any encoder may have written it. Encoders differ in what they leave alone (Python quotes `(`,
 * JavaScript does not; some escape `/` in JSON), so every character may stand in any form: itself, percent-encoded once
 * to thrice, `\u`, `\x` and the short JSON escapes behind as many backslashes as JSON within JSON makes, an HTML entity, and a
 * plus for a space. A secret never begins within a run of backslashes: an answer of nothing else must not take long.
 */
function characterSource(character: string, isFirst: boolean): string {
  const slashes = String.raw`${isFirst ? String.raw`(?<!\\)` : ''}\\{1,8}`;
  const bytes = [...Buffer.from(character.toWellFormed(), 'utf8')];
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  const forms = [
    literally(character),
    bytes.map((byte) => `%(?:25){0,2}${anyCase(hexOf(byte, 2))}`).join(''),
    units.map((unit) => `${slashes}${escapeSource(unit)}`).join(''),
  ];
  if (BACKSLASHED.has(character)) forms.push(`${slashes}${literally(character)}`);
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) forms.push(`${slashes}${short}`);
  if (character === ' ') forms.push(String.raw`\+`);
  if (!/[A-Za-z0-9]/.test(character)) {
    const point = character.codePointAt(0) ?? 0;
    forms.push(`&#0*${point};`, `&#[xX]0*${anyCase(point.toString(16))};`);
    const entity = ENTITIES[character];
    if (entity !== undefined) forms.push(`&${entity};`);
  }
  return `(?:${forms.join('|')})`;
}

const BACKSLASHED = new Set(['"', '/', "'", '\\']);
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\b': 'b',
  '\f': 'f',
};
const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
  ' ': 'nbsp',
};

/** `\u0041`; of one byte `\x41` as well. */
const escapeSource = (unit: number): string =>
  unit < 0x100 ? `(?:u00|x)${anyCase(hexOf(unit, 2))}` : `u${anyCase(hexOf(unit, 4))}`;

const hexOf = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');
const anyCase = (hex: string): string => hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Base64 of the bytes standing anywhere in a longer text: only the characters that the neighbours do not touch. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const text = padded.toString('base64').replace(/=+$/, '');
    const start = offset === 0 ? 0 : offset + 1;
    const end = padded.length % 3 === 0 ? text.length : text.length - 1;
    const core = text.slice(start, end);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** A JSON value without any known secret: strings, keys, and numbers that are one. Never breaks the structure. */
export function scrubJson(scrubber: Scrubber, value: JsonObject): JsonObject;
export function scrubJson(scrubber: Scrubber, value: Json): Json;
export function scrubJson(scrubber: Scrubber, value: Json): Json {
  if (typeof value === 'string') return scrubber.scrub(value);
  const text = typeof value === 'number' ? String(value) : wideText(value);
  if (text !== null) {
    const clean = scrubber.scrub(text);
    return clean === text ? value : clean;
  }
  if (Array.isArray(value)) return value.map((item: Json) => scrubJson(scrubber, item));
  if (!isJsonObject(value)) return value;
  const clean: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value))
    setKey(clean, scrubber.scrub(key), scrubJson(scrubber, item));
  return clean;
}
