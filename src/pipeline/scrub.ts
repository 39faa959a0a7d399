import { isJsonObject, type Json, type JsonObject, setKey } from '../base/json.ts';

/**
 * Secrets entrusted to Lanyard (`env:`, `file:` of the configuration) never reach the agent, the log or a message (P8).
 * They are known exactly, so they are found exactly: as they are, and in the encodings that a server or a model is
 * likely to answer them in.
 */
export interface Scrubber {
  /** The text without any known secret; the very same string where there was none. */
  scrub(text: string): string;
}

const SCRUBBED = '[secret]';
/** A shorter secret would scrub ordinary words; the configuration refuses it. */
export const SHORTEST_SECRET = 6;

export function createScrubber(secrets: Iterable<string>): Scrubber {
  const needles = new Set<string>();
  for (const secret of secrets)
    for (const form of formsOf(secret)) if (form.length >= SHORTEST_SECRET) needles.add(form);
  if (needles.size === 0) return { scrub: (text) => text };
  // Longest first: a form that contains another must go as a whole.
  const sources = [...needles]
    .sort((a, b) => b.length - a.length)
    .map((needle) => needle.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const pattern = new RegExp(sources.join('|'), 'g');
  return { scrub: (text) => text.replace(pattern, SCRUBBED) };
}

/** A secret as it may stand in text: plain, JSON-escaped, percent-encoded, hex, base64 at each of the three offsets. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const trimmed = secret.trim();
  return [
    secret,
    trimmed,
    JSON.stringify(trimmed).slice(1, -1),
    JSON.stringify(JSON.stringify(trimmed).slice(1, -1)).slice(1, -1),
    encodeURIComponent(trimmed.toWellFormed()),
    encodeURIComponent(trimmed.toWellFormed()).replaceAll('%20', '+'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Forms(bytes),
  ];
}

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
  if (typeof value === 'number') {
    const text = String(value);
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
