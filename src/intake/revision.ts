import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { isLogLevel, type LogLevel } from '../model/log-level.ts';

/** The two families: stateless 2026-07-28, and the ones with `initialize` and sessions. */
export type Generation = '2026' | '2025';

/** Every version spoken here, newest first; what UNSUPPORTED_VERSION offers in `data.supported`. */
const SUPPORTED_VERSIONS = ['2026-07-28', '2025-11-25', '2025-06-18'] as const;
export type ProtocolVersion = (typeof SUPPORTED_VERSIONS)[number];

/** The members of `_meta` that every request of 2026-07-28 carries instead of a handshake. */
export const PROTOCOL_META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
} as const;

/** In the `_meta` of what is told on a subscription: the id of the `subscriptions/listen` that it belongs to. */
export const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

/** What a request of 2026-07-28 says about its sender. Nothing of it is verified. */
interface Envelope {
  readonly version: ProtocolVersion;
  readonly clientCapabilities: JsonObject;
  readonly clientInfo?: JsonObject;
  readonly logLevel?: LogLevel;
}

export function isSupported(version: string): version is ProtocolVersion {
  return (SUPPORTED_VERSIONS as readonly string[]).includes(version);
}

export function generationOf(version: ProtocolVersion): Generation {
  return version === '2026-07-28' ? '2026' : '2025';
}

export function unsupported(version: string): Problem {
  return problem('UNSUPPORTED_VERSION', { version, supported: SUPPORTED_VERSIONS.join(', ') });
}

/** Whether the request says in its `_meta` that it is one without a handshake (rightly or not). */
export function hasEnvelope(meta: JsonObject): boolean {
  return Object.hasOwn(meta, PROTOCOL_META.protocolVersion);
}

/**
 * Reads the envelope of a request of 2026-07-28, over HTTP or stdio. Version and capabilities are required; that the
 * rest may be missing is the SDKs' reading of the revision.
 */
export function readEnvelope(meta: JsonObject): Result<Envelope, Problem> {
  const version = meta[PROTOCOL_META.protocolVersion];
  const clientCapabilities = meta[PROTOCOL_META.clientCapabilities];
  const clientInfo = meta[PROTOCOL_META.clientInfo];
  const logLevel = meta[PROTOCOL_META.logLevel];
  if (typeof version !== 'string' || version.length > LIMITS.callerNameLength) {
    return bad(PROTOCOL_META.protocolVersion);
  }
  if (!isSupported(version)) return err(unsupported(version));
  if (!isJsonObject(clientCapabilities)) return bad(PROTOCOL_META.clientCapabilities);
  if (clientInfo !== undefined && !isJsonObject(clientInfo)) return bad(PROTOCOL_META.clientInfo);
  if (logLevel !== undefined && !isLogLevel(logLevel)) {
    return bad(PROTOCOL_META.logLevel);
  }
  return ok({
    version,
    clientCapabilities,
    ...(clientInfo === undefined ? {} : { clientInfo }),
    ...(logLevel === undefined ? {} : { logLevel }),
  });
}

function bad(key: string): Result<never, Problem> {
  return err(problem('BAD_ENVELOPE', { what: `"${key}" is missing or not of its kind` }));
}
