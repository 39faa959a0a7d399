import { ERRORS, type Problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Generation, RpcError } from '../../../pipeline/ports.ts';

/** Of a JSON-RPC request: a string or an integer, never null (2026-07-28 Basic, "Requests"). */
export type RequestId = string | number;

/** One whole JSON-RPC message for the client, and the HTTP status it travels under where it is the whole answer. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

export function answerResult(id: RequestId, result: JsonObject): Answered {
  return {
    status: 200,
    text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result)}}`,
  };
}

/** A result whose one long member is a list of things that are shown again and again: each is written as text once. */
export function answerItems(
  id: RequestId,
  member: string,
  items: readonly JsonObject[],
  rest: JsonObject,
): Answered {
  const others = JSON.stringify(rest).slice(1, -1);
  const list = `${JSON.stringify(member)}:[${items.map(textOf).join(',')}]`;
  const result = others === '' ? list : `${list},${others}`;
  return { status: 200, text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${result}}}` };
}

const texts = new WeakMap<JsonObject, string>();

function textOf(item: JsonObject): string {
  const known = texts.get(item);
  if (known !== undefined) return known;
  const text = JSON.stringify(item);
  texts.set(item, text);
  return text;
}

/** `id` is null where the request was too malformed to tell it (JSON-RPC 2.0 §5). */
export function answerError(id: RequestId | null, error: RpcError, status = 200): Answered {
  return { status, text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${JSON.stringify(error)}}` };
}

/** A problem as a JSON-RPC error: the table's code, the sentence, and ours in `data.code`. `details` joins `data`. */
export function answerProblem(
  id: RequestId | null,
  found: Problem,
  generation: Generation,
  details?: JsonObject,
): Answered {
  const error = {
    code: ERRORS[found.code].rpc,
    message: found.sentence,
    data: { code: found.code, ...details },
  };
  return answerError(id, error, statusOf(found, generation));
}

/**
 * 2026-07-28 Streamable HTTP: an RPC method that is not implemented "MUST" be 404 with -32601. In the older generation
 * a 404 means that the session is gone, so there it is 200 as every other answer.
 */
function statusOf(found: Problem, generation: Generation): number {
  const row = ERRORS[found.code];
  return row.rpc === -32601 && generation === '2026' ? 404 : row.http;
}

/** A JSON-RPC notification as text. */
export function notificationText(method: string, params: JsonObject): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`;
}
