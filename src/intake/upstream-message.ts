import { ERRORS, type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../base/json.ts';
import { parseJson, UPSTREAM_BOUNDS } from '../base/json-text.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { wideText, withoutWide } from '../base/wide-number.ts';
import { META } from '../contract/mcp-meta.ts';
import { type ErrorMessage, type Message, readMessage } from './message.ts';
import type { Generation } from './revision.ts';

/**
 * Reads one message of an upstream, as strictly as an agent's and with larger bounds; `dev.lanyard/*` is gone from
 * every `_meta` in it. A result may hold wide numbers (base/wide-number.ts). Elsewhere they become the nearest double:
 * what a server asks is decided on, and asked, with that. Every refusal is UPSTREAM_FAILED or
 * UPSTREAM_ANSWER_TOO_LARGE with the upstream's name.
 */
export function readUpstreamMessage(bytes: Uint8Array, upstream: string): Result<Message, Problem> {
  const value = parseJson(bytes, UPSTREAM_BOUNDS);
  if (!value.ok) {
    if (value.error.code !== 'BODY_TOO_LARGE') return failed(upstream, value.error.sentence);
    return err(problem('UPSTREAM_ANSWER_TOO_LARGE', { upstream, limit: LIMITS.upstreamMessageBytes }));
  }
  const own = mayHoldMeta(bytes) ? withoutOurMeta(value.value) : value.value;
  const message = readMessage(withoutEmptyHalf(own));
  if (!message.ok) return failed(upstream, message.error.sentence);
  const { kind } = message.value;
  if (kind === 'result') return message;
  if (kind === 'error') return ok({ ...message.value, error: withoutOurVerdict(message.value.error) });
  const params = withoutWide(message.value.params);
  if (params === message.value.params) return message;
  return ok({ ...message.value, params, meta: isJsonObject(params['_meta']) ? params['_meta'] : {} });
}

/** Many a server writes both members of an answer and leaves the other one null; clients of its language read on. */
function withoutEmptyHalf(value: Json): Json {
  if (!isJsonObject(value) || !Object.hasOwn(value, 'result') || !Object.hasOwn(value, 'error')) return value;
  const { result, error, ...rest } = value;
  if (error === null && result !== undefined) return { ...rest, result };
  return result === null && error !== undefined ? { ...rest, error } : value;
}

/**
 * Denials and refusals of ours that are JSON-RPC errors say in `data` what they are: `dev.lanyard/*`, and one of our
 * codes. From an upstream neither passes; the rest of its `data` does.
 */
export function withoutOurVerdict(error: ErrorMessage['error']): ErrorMessage['error'] {
  if (error.data === undefined) return error;
  const data = withoutWide(error.data);
  if (!isJsonObject(data)) return { ...error, data };
  const kept = Object.entries(data).filter(([key, value]) => !isOurWord(key, value));
  return { ...error, data: Object.fromEntries(kept) };
}

function isOurWord(key: string, value: Json): boolean {
  return (
    key.startsWith(META.prefix) ||
    (key === 'code' && typeof value === 'string' && Object.hasOwn(ERRORS, value))
  );
}

const UNDERSCORE = 0x5f;
const BACKSLASH = 0x5c;

/**
 * A key `_meta` is written so, or with a \u escape: no other escape makes one of its characters. Most short answers hold
 * neither character, and that is found in a quarter of the time.
 */
function mayHoldMeta(bytes: Uint8Array): boolean {
  if (!bytes.includes(UNDERSCORE) && !bytes.includes(BACKSLASH)) return false;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.includes('_meta') || buffer.includes('\\u');
}

/**
 * The value without members `dev.lanyard/*` of any object under a key `_meta`, at any depth: on results, contents,
 * resources, definitions, and wherever a later revision puts one. What a client reads there in our name is ours.
 * Answers the same value where there is nothing to drop, which is nearly always.
 */
function withoutOurMeta(value: Json): Json {
  return holdsOurs(value) ? withoutOurs(value, false) : value;
}

function holdsOurs(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsOurs);
  return Object.entries(value).some(
    ([key, below]) => (key === '_meta' && namesOurs(below)) || holdsOurs(below),
  );
}

function namesOurs(meta: Json): boolean {
  return isJsonObject(meta) && Object.keys(meta).some((key) => key.startsWith(META.prefix));
}

function withoutOurs(value: Json, isMeta: boolean): Json {
  if (typeof value !== 'object' || value === null || wideText(value) !== null) return value;
  if (Array.isArray(value)) return value.map((item) => withoutOurs(item, false));
  const kept: Record<string, Json> = {};
  for (const [key, below] of Object.entries(value)) {
    if (!isMeta || !key.startsWith(META.prefix)) setKey(kept, key, withoutOurs(below, key === '_meta'));
  }
  return kept;
}

/** Which member of a result holds a list, and what each of its items must have. */
const LISTS: Readonly<Record<string, { readonly member: string; readonly item: string }>> = {
  'tools/call': { member: 'content', item: 'type' },
  'resources/read': { member: 'contents', item: 'uri' },
  'prompts/get': { member: 'messages', item: 'role' },
  'tools/list': { member: 'tools', item: 'name' },
  'prompts/list': { member: 'prompts', item: 'name' },
  'resources/list': { member: 'resources', item: 'uri' },
  'resources/templates/list': { member: 'resourceTemplates', item: 'uriTemplate' },
};

/**
 * Checks that a result is one for the method it answers, as far as anything here or at the client relies on it; what
 * else is in it is left alone. `input_required` and tasks are refused (input-required.ts and upstream-task.ts read them where
 * they may stand): what was asked has not happened then.
 */
export function readUpstreamResult(
  result: JsonObject,
  method: string,
  generation: Generation,
  upstream: string,
): Result<JsonObject, Problem> {
  const type = result['resultType'];
  if (generation === '2026' && type !== 'complete') {
    // "Servers implementing this revision MUST include it"; what is neither is of an extension that nobody declared.
    if (type === 'input_required')
      return failed(upstream, 'it asks for input first, which is not let through');
    return failed(upstream, 'its result has no "resultType" that is known here');
  }
  if (method === 'completion/complete') return readCompletions(result, upstream);
  const list = Object.hasOwn(LISTS, method) ? LISTS[method] : undefined;
  if (list === undefined) return ok(result);
  const items = result[list.member];
  // The SDKs read a tool result without content as an empty one, and servers in the field rely on it.
  const mayMiss = method === 'tools/call' && !Object.hasOwn(result, 'task');
  if (items === undefined && mayMiss) return ok(result);
  if (!Array.isArray(items)) return failed(upstream, `its result has no list "${list.member}"`);
  if (items.some((item) => !isJsonObject(item) || typeof item[list.item] !== 'string')) {
    return failed(upstream, `an item of "${list.member}" has no "${list.item}"`);
  }
  const cursor = result['nextCursor'];
  if (cursor !== undefined && cursor !== null && typeof cursor !== 'string')
    return failed(upstream, '"nextCursor" is no string');
  return ok(result);
}

/**
 * 2025-11-25 and 2026-07-28, "Completion": values "MUST NOT exceed 100 items". What is more, or longer than any value
 * that could be chosen, is left out, and `hasMore` says so.
 */
function readCompletions(result: JsonObject, upstream: string): Result<JsonObject, Problem> {
  const { completion } = result;
  const values = isJsonObject(completion) ? completion['values'] : undefined;
  if (!isJsonObject(completion) || !Array.isArray(values))
    return failed(upstream, 'its result has no list "completion.values"');
  if (values.some((value) => typeof value !== 'string'))
    return failed(upstream, 'a value of "completion.values" is no string');
  const kept = values
    .filter((value) => String(value).length <= LIMITS.completionLength)
    .slice(0, LIMITS.completionValues);
  if (kept.length === values.length) return ok(result);
  return ok({ ...result, completion: { ...completion, values: kept, hasMore: true } });
}

function failed(upstream: string, what: string): Result<never, Problem> {
  return err(problem('UPSTREAM_FAILED', { upstream, what: what.replace(/\.$/, '') }));
}
