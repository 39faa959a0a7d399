import { isUtf8 } from 'node:buffer';
import { type Problem, problem } from '../base/errors.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Message, RequestMessage } from './message.ts';
import {
  type Generation,
  generationOf,
  hasEnvelope,
  isSupported,
  PROTOCOL_META,
  type ProtocolVersion,
  unsupported,
} from './revision.ts';

/**
 * Header fields by lower-case name. Give every value of a repeated field as an array (node:http:
 * `request.headersDistinct`): joined with commas they could not be told from one value.
 */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Revision {
  readonly generation: Generation;
  /** Null where a message of the 2025 generation names none: then its session's version holds. */
  readonly version: ProtocolVersion | null;
}

const VERSION = 'mcp-protocol-version';
/** What a server is to take a missing header for (2025-11-25, Transports), so naming it says no more than leaving it out. */
const UNNAMED = '2025-03-26';

/**
 * Which protocol version an HTTP message belongs to. The body says it, and a header that says otherwise is refused and
 * never believed (2026-07-28, Streamable HTTP, "Protocol Version Header"). For the 2025 generation the header is what
 * there is, required after `initialize` but commonly left out by its clients; a version named there must be one of
 * ours (2025-11-25, Transports, "Protocol Version Header").
 */
export function readRevision(headers: Headers, message: Message): Result<Revision, Problem> {
  const header = fieldOf(headers, VERSION);
  if (!header.ok) return header;
  const named = header.value;
  const isCall = message.kind === 'request' || message.kind === 'notification';
  if (isCall && hasEnvelope(message.meta))
    return agree(named, message.meta[PROTOCOL_META.protocolVersion], message);
  if (named === null || named === UNNAMED) return ok({ generation: '2025', version: null });
  if (!isSupported(named)) return err(unsupported(named));
  const generation = generationOf(named);
  if (generation === '2026' && !isCall) {
    return err(problem('BAD_MESSAGE', { what: 'a client of 2026-07-28 sends no responses' }));
  }
  if (generation === '2026' && message.kind === 'request') {
    if (message.method === 'initialize') {
      return mismatch(VERSION, '"initialize" belongs to the versions before 2026-07-28');
    }
    return err(problem('BAD_ENVELOPE', { what: `"${PROTOCOL_META.protocolVersion}" is missing` }));
  }
  return ok({ generation, version: named });
}

function agree(
  named: string | null,
  claimed: unknown,
  message: { readonly kind: string },
): Result<Revision, Problem> {
  if (typeof claimed !== 'string') {
    return err(problem('BAD_ENVELOPE', { what: `"${PROTOCOL_META.protocolVersion}" is no string` }));
  }
  if (named !== null && named !== claimed) return mismatch(VERSION, `it says ${named}, the body ${claimed}`);
  if (!isSupported(claimed)) return err(unsupported(claimed));
  // "Every POST request to the MCP endpoint MUST include an MCP-Protocol-Version header."
  if (named === null && message.kind === 'request') return mismatch(VERSION, 'it is missing');
  return ok({ generation: generationOf(claimed), version: claimed });
}

/** Where the body has what `Mcp-Name` must mirror; the last three are the tasks extension's. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/**
 * Compares `Mcp-Method` and `Mcp-Name` with the body of a message of 2026-07-28 ("Standard Request Headers"): whatever
 * stands between agent and us may have looked at these alone. Null: they agree. On a notification the headers may be
 * missing, since the SDKs leave them out there, and on a message of the older generation, which does not know them; what
 * they say must be true all the same. `Mcp-Name` where the body names nothing is refused as well.
 */
export function checkHeaders(
  headers: Headers,
  message: Message,
  generation: Generation = '2026',
): Problem | null {
  if (message.kind !== 'request' && message.kind !== 'notification') return null;
  const isNeeded = generation === '2026' && message.kind === 'request';
  const method = fieldOf(headers, 'mcp-method');
  if (!method.ok) return method.error;
  if (method.value === null) {
    if (isNeeded) return mismatchOf('mcp-method', 'it is missing');
  } else if (method.value !== message.method) {
    return mismatchOf('mcp-method', `it says ${method.value}, the body ${message.method}`);
  }
  return message.kind === 'request' ? checkName(headers, message, isNeeded) : null;
}

function checkName(headers: Headers, message: RequestMessage, isNeeded: boolean): Problem | null {
  const header = fieldOf(headers, 'mcp-name');
  if (!header.ok) return header.error;
  const source = Object.hasOwn(NAMED_BY, message.method) ? NAMED_BY[message.method] : undefined;
  const inBody = source === undefined ? undefined : message.params[source];
  if (header.value === null) {
    // A body without the name is refused for that by whoever reads its params.
    return isNeeded && typeof inBody === 'string' ? mismatchOf('mcp-name', 'it is missing') : null;
  }
  const name = decodeHeaderValue(header.value);
  if (name === null) return mismatchOf('mcp-name', 'its Base64 does not decode to text');
  if (source === undefined) return mismatchOf('mcp-name', `${message.method} names nothing`);
  return name === inBody ? null : mismatchOf('mcp-name', `it says ${name}, the body has another "${source}"`);
}

/**
 * The one value of a header field, without the white space around it; null where it is absent. Refused where it is
 * repeated, or holds what no field value may (RFC 9110 §5.5, and MCP allows ASCII only).
 */
export function fieldOf(headers: Headers, name: string): Result<string | null, Problem> {
  const given = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const values = given === undefined ? [] : typeof given === 'string' ? [given] : given;
  if (values.length > 1) return mismatch(name, 'it stands more than once');
  const value = values[0];
  if (value === undefined) return ok(null);
  if (!/^[\t\x20-\x7e]*$/.test(value)) return mismatch(name, 'it holds characters that no header may');
  // Of what passed, only blanks and tabs are white space.
  return ok(value.trim());
}

/** The text behind a header value: as it stands, or `=?base64?…?=` decoded. Null where that is not canonical or no UTF-8. */
export function decodeHeaderValue(value: string): string | null {
  if (!isWrapped(value)) return value;
  const payload = value.slice(PREFIX.length, -SUFFIX.length);
  const bytes = Buffer.from(payload, 'base64');
  return bytes.toString('base64') === payload && isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** The header value for a text ("Value Encoding"): as it is where that is plain ASCII, else Base64 of its UTF-8. */
export function encodeHeaderValue(text: string): string {
  if (/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !isWrapped(text)) return text;
  return `${PREFIX}${Buffer.from(text, 'utf8').toString('base64')}${SUFFIX}`;
}

const PREFIX = '=?base64?';
const SUFFIX = '?=';

function isWrapped(value: string): boolean {
  return value.length >= PREFIX.length + SUFFIX.length && value.startsWith(PREFIX) && value.endsWith(SUFFIX);
}

export function mismatchOf(header: string, what: string): Problem {
  return problem('HEADER_MISMATCH', { header, what });
}

function mismatch(header: string, what: string): Result<never, Problem> {
  return err(mismatchOf(header, what));
}
