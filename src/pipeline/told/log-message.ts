import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { isAtLeast, isLogLevel, type LogLevel } from '../../model/log-level.ts';
import { scrubJson } from '../recording/scrub.ts';
import type { Rooms } from '../rooms.ts';

type Cleaners = Pick<Rooms, 'scrubber' | 'redactor'>;

/**
 * `notifications/message` of an upstream as an agent may be told it, put together anew: without known secrets and what
 * looks like one (P8), without what a terminal would obey, and cut to a bound. Null: it is none, or less severe than
 * `least`.
 */
export function cleanMessage(
  { scrubber, redactor }: Cleaners,
  params: JsonObject,
  least: LogLevel | undefined,
): JsonObject | null {
  const { level, logger, data = null } = params;
  if (!isLogLevel(level) || (least !== undefined && !isAtLeast(level, least))) return null;
  const clean = (text: string) => plain(redactor.redact(scrubber.scrub(text)));
  const name = typeof logger === 'string' ? clean(logger.slice(0, LIMITS.callerNameLength)) : undefined;
  return { level, ...(name === undefined ? {} : { logger: name }), data: cleanData(data) };

  function cleanData(value: Json): Json {
    const text = JSON.stringify(value);
    if (text.length > LIMITS.logMessageLength)
      return clean(`${text.slice(0, LIMITS.logMessageLength).toWellFormed()}… [cut]`);
    const scrubbed = scrubJson(scrubber, value);
    const whole = JSON.stringify(scrubbed);
    const redacted = redactor.redact(whole);
    return mapTexts(redacted === whole ? scrubbed : parsed(redacted), plain);
  }
}

/** Redaction looks at names beside values, so it goes over JSON text; where it broke that, the text is what is told. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** What a terminal would take for a command, and what turns the direction of text around, is shown as a mark. */
function plain(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

function mapTexts(value: Json, map: (text: string) => string): Json {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapTexts(item, map));
  if (!isJsonObject(value)) return value;
  const mapped: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) setKey(mapped, map(key), mapTexts(item, map));
  return mapped;
}
