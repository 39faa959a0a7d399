import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { hasControl } from './given-text.ts';

/** What an upstream asks for instead of answering: requests by key, as they came, and its own state. */
interface InputRequired {
  readonly requests: JsonObject;
  readonly state: string | null;
}

/** What can be asked for first: 2026-07-28 names these three requests. */
const PAUSABLE: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Whether a request of this method can be answered with a question. */
export function canPause(method: string): boolean {
  return PAUSABLE.has(method);
}

/**
 * Reads an InputRequiredResult of 2026-07-28; null where the result is none. Errors are the rest of a sentence that begins
 * with the upstream.
 */
export function readInputRequired(method: string, result: JsonObject): Result<InputRequired, string> | null {
  if (result['resultType'] !== 'input_required' || !canPause(method)) return null;
  const { inputRequests = {}, requestState = null } = result;
  const requests = readInputRequests(inputRequests);
  if (!requests.ok) return requests;
  if (Object.keys(requests.value).length === 0 && requestState === null)
    return err('it asks for input without "inputRequests" and without "requestState"');
  if (requestState !== null) {
    if (typeof requestState !== 'string') return err('its "requestState" is no string');
    if (Buffer.byteLength(requestState) > LIMITS.upstreamStateBytes)
      return err(`its "requestState" is longer than ${LIMITS.upstreamStateBytes} bytes`);
  }
  return ok({ requests: requests.value, state: requestState });
}

/** Reads requests by key, within bounds; each is read anew where it is passed on. */
export function readInputRequests(inputRequests: Json): Result<JsonObject, string> {
  if (!isJsonObject(inputRequests)) return err('its "inputRequests" are no object');
  if (JSON.stringify(inputRequests).length > LIMITS.askLength)
    return err(`its "inputRequests" are longer than ${LIMITS.askLength} characters`);
  for (const [key, request] of Object.entries(inputRequests)) {
    if (key === '' || key.length > LIMITS.callerNameLength || hasControl(key) || key.startsWith('__'))
      return err('a key of its "inputRequests" cannot be passed on');
    if (!isJsonObject(request) || typeof request['method'] !== 'string')
      return err('one of its "inputRequests" has no "method"');
  }
  return ok(inputRequests);
}
