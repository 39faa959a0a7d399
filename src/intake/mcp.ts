import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { Mutable } from '../base/mutable.ts';
import { err, ok, type Result } from '../base/result.ts';
import { META } from '../contract/mcp-meta.ts';
import { ACTION_METHODS, type Attempt, type Door } from '../model/action.ts';
import { badParams } from './bad-params.ts';
import { readCompletion } from './completion.ts';
import { hasControl, isCallerName, reservedKey } from './given-text.ts';
import type { RequestMessage } from './message.ts';
import { readTaskWish } from './task.ts';

/** What the door knows of an attempt and the message does not say, or may not say. */
export interface Where {
  readonly agent: string;
  readonly session: string;
  /** Our own id of the session that it works for, where the message names one. */
  readonly parent?: string | undefined;
  readonly token: string | null;
  readonly ofRun?: string | undefined;
  readonly door: Door;
  readonly upstream: string;
  /** The tool's or prompt's name at its upstream, where the door took `<upstream>__` off it (splitName). */
  readonly name?: string | undefined;
  /** It is a message of a generation before 2026-07-28. */
  readonly older?: boolean;
}

/** What an agent says about its request in `_meta`. Its claims, all of them. */
export interface CallerMeta {
  readonly session?: string;
  readonly parent?: string;
  readonly idempotency?: string;
  readonly reason?: string;
  readonly unsure?: boolean;
  readonly progressToken?: string | number;
}

/** Names that can stand in `Action::"mcp:<upstream>/<tool>"` and in a header as they are. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** Requests that are actions, or are decided as one. */
const DECIDED = [...ACTION_METHODS, 'resources/subscribe', 'completion/complete'] as const;

/** What may stand in the params of each action besides `_meta`. */
const MEMBERS: Readonly<Record<(typeof DECIDED)[number], readonly string[]>> = {
  'tools/call': ['name', 'arguments', 'inputResponses', 'requestState', 'task'],
  'prompts/get': ['name', 'arguments', 'inputResponses', 'requestState'],
  'resources/read': ['uri', 'inputResponses', 'requestState'],
  'resources/subscribe': ['uri'],
  'completion/complete': ['ref', 'argument', 'context'],
};

/**
 * Reads the attempt that a `tools/call`, `resources/read` or `prompts/get` makes. Only what is in the Attempt is decided
 * on, and only that is sent on. Members of params that are not listed for the method are refused and not dropped: the
 * caller meant something by them. Members of `_meta` are dropped without a word, as MCP has anyone put theirs there;
 * of ours a misspelt one is refused.
 */
export function readAttempt(message: RequestMessage, where: Where): Result<Attempt, Problem> {
  const method = DECIDED.find((known) => known === message.method);
  if (method === undefined) return err(problem('UNKNOWN_METHOD', { method: message.method }));
  const caller = readCallerMeta(message.meta);
  if (!caller.ok) return caller;
  for (const key of Object.keys(message.params)) {
    if (key === '_meta' || MEMBERS[method].includes(key)) continue;
    return badParams(`"${key}" is not known`);
  }
  const named = readByMethod(method, message.params, where);
  if (!named.ok) return named;
  const continues = readContinuation(message.params);
  if (!continues.ok) return continues;
  // 2026-07-28 has no such member, and a server "MUST ignore it": there the server decides what runs as a task.
  const asTask = where.older === true ? readTaskWish(message.params['task']) : ok(null);
  if (!asTask.ok) return asTask;
  const { idempotency, reason, unsure } = caller.value;
  const { agent, token, door, upstream, session, parent, ofRun } = where;
  const { name, arguments: args, sentAs } = named.value;
  // Members one by one: a literal of a dozen spreads takes longer than the rest of reading (measured).
  const attempt: Mutable<Attempt> = {
    agent,
    session,
    token,
    door,
    upstream,
    method: named.value.method,
    name,
    arguments: args,
  };
  if (parent !== undefined) attempt.parent = parent;
  if (ofRun !== undefined) attempt.ofRun = ofRun;
  if (sentAs !== undefined) attempt.sentAs = sentAs;
  if (continues.value.continues !== undefined) attempt.continues = continues.value.continues;
  if (continues.value.offers !== undefined) attempt.offers = continues.value.offers;
  if (asTask.value !== null) attempt.asTask = asTask.value;
  if (idempotency !== undefined) attempt.idempotency = idempotency;
  if (reason !== undefined) attempt.reason = reason;
  if (unsure === true) attempt.unsure = unsure;
  return ok(attempt);
}

/** Splits a name of the common address `/mcp` at its first `__`; null where there is none or a side is empty. */
export function splitName(name: string): { readonly upstream: string; readonly name: string } | null {
  const at = name.indexOf('__');
  return at <= 0 || at + 2 === name.length ? null : { upstream: name.slice(0, at), name: name.slice(at + 2) };
}

/**
 * 2026-07-28, "Multi Round-Trip Requests". Each call that is paused here has a state. So answers without a state continue no
 * call: they are offered in advance, for what the upstream may ask.
 */
function readContinuation({
  requestState,
  inputResponses = {},
}: JsonObject): Result<Pick<Attempt, 'continues' | 'offers'>, Problem> {
  if (!isJsonObject(inputResponses)) return badParams('"inputResponses" is no object');
  const reserved = reservedKey(inputResponses);
  if (reserved !== null) return err(problem('RESERVED_KEY', { key: reserved }));
  if (requestState === undefined)
    return ok(Object.keys(inputResponses).length === 0 ? {} : { offers: inputResponses });
  if (typeof requestState !== 'string') return badParams('"requestState" is no string');
  return ok({ continues: { state: requestState, responses: inputResponses } });
}

type Named = Pick<Attempt, 'name' | 'arguments'>;
type Read = Named & Pick<Attempt, 'method' | 'sentAs'>;

function readByMethod(
  method: (typeof DECIDED)[number],
  params: JsonObject,
  where: Where,
): Result<Read, Problem> {
  if (method === 'completion/complete') return readCompletion(params, where.name);
  if (method === 'tools/call' || method === 'prompts/get') {
    const named = readNamed(method, params, where);
    return named.ok ? ok({ method, ...named.value }) : named;
  }
  const read = readUri(params);
  if (!read.ok) return read;
  const sentAs = method === 'resources/subscribe' ? { sentAs: { method } } : {};
  return ok({ method: 'resources/read', ...read.value, ...sentAs });
}

function readUri(params: JsonObject): Result<Named, Problem> {
  const uri = params['uri'];
  if (typeof uri !== 'string' || uri === '') return badParams('"uri" is no string, or empty');
  if (uri.length > LIMITS.uriLength) return badParams(`"uri" is longer than ${LIMITS.uriLength} characters`);
  if (hasControl(uri)) return badParams('"uri" holds control characters');
  return ok({ name: uri, arguments: { uri } });
}

function readNamed(
  method: 'tools/call' | 'prompts/get',
  params: JsonObject,
  where: Where,
): Result<Named, Problem> {
  const given = params['name'];
  if (typeof given !== 'string' || given === '') return badParams('"name" is no string, or empty');
  const name = where.name ?? given;
  if (method === 'tools/call' && !TOOL_NAME.test(name)) {
    return err(problem('UNKNOWN_OPERATION', { what: 'tool', name }));
  }
  if (name.length > LIMITS.callerNameLength || hasControl(name)) {
    return err(problem('UNKNOWN_OPERATION', { what: 'prompt', name }));
  }
  const args = Object.hasOwn(params, 'arguments') ? params['arguments'] : {};
  if (!isJsonObject(args)) return badParams('"arguments" is no object');
  const reserved = reservedKey(args);
  if (reserved !== null) return err(problem('RESERVED_KEY', { key: reserved }));
  if (method === 'prompts/get') {
    for (const [key, value] of Object.entries(args)) {
      if (typeof value !== 'string')
        return badParams(`"arguments.${key}" is no string, as arguments of prompts are`);
    }
  }
  return ok({ name, arguments: args });
}

/** Reads what is ours, and the progress token, from a request's `_meta`. */
export function readCallerMeta(meta: JsonObject): Result<CallerMeta, Problem> {
  const caller: Mutable<CallerMeta> = {};
  for (const key in meta) {
    const value = meta[key];
    if (value === undefined) continue;
    if (key === 'progressToken') {
      if (!isToken(value)) return badParams('"_meta.progressToken" is neither an integer nor a short string');
      caller.progressToken = value;
    } else if (key.startsWith(META.prefix)) {
      const refusal = takeOurs(caller, key, value);
      if (refusal !== null) return badParams(refusal);
    }
  }
  return ok(caller);
}

function takeOurs(
  caller: { session?: string; parent?: string; idempotency?: string; reason?: string; unsure?: boolean },
  key: string,
  value: Json,
): string | null {
  if (key === META.reason) {
    if (typeof value !== 'string' || value === '' || value.length > LIMITS.callerReasonLength) {
      return `"_meta.${key}" is no string of 1 to ${LIMITS.callerReasonLength} characters`;
    }
    if (hasControl(value.replace(/[\t\n\r]/g, ''))) return `"_meta.${key}" holds control characters`;
    caller.reason = value;
    return null;
  }
  if (key === META.unsure) {
    if (typeof value !== 'boolean') return `"_meta.${key}" is neither true nor false`;
    caller.unsure = value;
    return null;
  }
  if (key !== META.session && key !== META.parent && key !== META.idempotency)
    return `"_meta.${key}" is not known`;
  if (!isCallerName(value)) {
    return `"_meta.${key}" is no name of 1 to ${LIMITS.callerNameLength} characters`;
  }
  if (key === META.session) caller.session = value;
  else if (key === META.parent) caller.parent = value;
  else caller.idempotency = value;
  return null;
}

function isToken(value: Json): value is string | number {
  return typeof value === 'string' ? value.length <= LIMITS.callerNameLength : Number.isSafeInteger(value);
}
