import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';

/** JSON-RPC allows null and fractions too and advises against both; MCP has neither. */
export type RequestId = string | number;

export interface RequestMessage {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  /** Empty where there are none. */
  readonly params: JsonObject;
  /** `params._meta`; empty where there is none. */
  readonly meta: JsonObject;
}

export interface NotificationMessage {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject;
}

export interface ResultMessage {
  readonly kind: 'result';
  readonly id: RequestId;
  readonly result: JsonObject;
}

export interface ErrorMessage {
  readonly kind: 'error';
  /** Null where the other side could not tell which request it was. */
  readonly id: RequestId | null;
  readonly error: { readonly code: number; readonly message: string; readonly data?: Json };
}

export type Message = RequestMessage | NotificationMessage | ResultMessage | ErrorMessage;

const NOTHING: JsonObject = Object.freeze({});

/**
 * Reads one JSON-RPC 2.0 message as MCP narrows it: params and results are objects, ids strings or integers, one
 * message at a time. Members that JSON-RPC does not name are refused; both official SDKs do so too, so no client that
 * works anywhere sends them, and a reader that looks at other members finds none.
 */
export function readMessage(value: Json): Result<Message, Problem> {
  if (Array.isArray(value)) return err(problem('BATCH'));
  if (!isJsonObject(value)) return bad('it is no object');
  if (value['jsonrpc'] !== '2.0') return bad('"jsonrpc" is not "2.0"');
  if (Object.hasOwn(value, 'method')) return readCall(value);
  if (Object.hasOwn(value, 'result')) return readResult(value);
  if (Object.hasOwn(value, 'error')) return readError(value);
  return bad('there is neither "method", "result" nor "error"');
}

function readCall(value: JsonObject): Result<Message, Problem> {
  const stray = strayMember(value, ['jsonrpc', 'id', 'method', 'params']);
  if (stray !== null) return stray;
  const method = value['method'];
  if (typeof method !== 'string' || method === '') return bad('"method" is no name');
  if (method.length > LIMITS.callerNameLength) return bad('"method" is too long');
  const params = value['params'] ?? NOTHING;
  if (value['params'] === null || !isJsonObject(params)) return bad('"params" is no object');
  const meta = params['_meta'] ?? NOTHING;
  if (params['_meta'] === null || !isJsonObject(meta)) return bad('"params._meta" is no object');
  if (!Object.hasOwn(value, 'id')) return ok({ kind: 'notification', method, params, meta });
  const id = value['id'];
  return isRequestId(id) ? ok({ kind: 'request', id, method, params, meta }) : badId();
}

function readResult(value: JsonObject): Result<Message, Problem> {
  const stray = strayMember(value, ['jsonrpc', 'id', 'result']);
  if (stray !== null) return stray;
  const { id, result } = value;
  if (!isRequestId(id)) return badId();
  if (!isJsonObject(result)) return bad('"result" is no object');
  return ok({ kind: 'result', id, result });
}

function readError(value: JsonObject): Result<Message, Problem> {
  const stray = strayMember(value, ['jsonrpc', 'id', 'error']);
  if (stray !== null) return stray;
  const id = value['id'] ?? null;
  if (id !== null && !isRequestId(id)) return badId();
  const error = value['error'];
  if (!isJsonObject(error)) return bad('"error" is no object');
  const { code, message, data } = error;
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) return bad('"error.code" is no integer');
  if (typeof message !== 'string') return bad('"error.message" is no string');
  return ok({ kind: 'error', id, error: data === undefined ? { code, message } : { code, message, data } });
}

function isRequestId(id: Json | undefined): id is RequestId {
  return typeof id === 'string' ? id.length <= LIMITS.callerNameLength : Number.isSafeInteger(id);
}

function strayMember(value: JsonObject, known: readonly string[]): Result<never, Problem> | null {
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      return bad(`"${key}" has no place beside ${known.map((k) => `"${k}"`).join(', ')}`);
  }
  return null;
}

function badId(): Result<never, Problem> {
  return bad(`"id" is neither an integer nor a string of at most ${LIMITS.callerNameLength} characters`);
}

function bad(what: string): Result<never, Problem> {
  return err(problem('BAD_MESSAGE', { what }));
}
