import { ERRORS, type Problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { RequestId } from '../../../intake/message.ts';
import type { RpcError } from '../../../pipeline/ports/answer.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';

export type { RequestId };

/** One whole JSON-RPC message for the client, and the HTTP status it travels under where it is the whole answer. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  /** The same in UTF-8, where it is long and was there already. */
  readonly bytes?: Buffer;
}

/** `text`: the result as JSON, where it was written already. */
export function answerResult(id: RequestId, result: JsonObject, text = JSON.stringify(result)): Answered {
  return {
    status: 200,
    text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${text}}`,
  };
}

/** A result whose one long member is a list of things that are shown again and again: it is written once. */
export function answerItems(
  id: RequestId,
  member: string,
  items: readonly JsonObject[],
  rest: JsonObject,
): Answered {
  const others = JSON.stringify(rest).slice(1, -1);
  const list = writtenOf(items);
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${JSON.stringify(member)}:[`;
  const tail = others === '' ? ']}}' : `],${others}}}`;
  return {
    status: 200,
    text: head + list.text + tail,
    bytes: Buffer.concat([Buffer.from(head), list.bytes, Buffer.from(tail)]),
  };
}

/** The things of a list, as they stand between its brackets. */
interface Written {
  readonly items: readonly JsonObject[];
  readonly text: string;
  readonly bytes: Buffer;
}

/** By what stands first: what was written the last time serves for as long as nothing in the list differs. */
const written = new WeakMap<JsonObject, Written>();
const NOTHING: Written = { items: [], text: '', bytes: Buffer.alloc(0) };

function writtenOf(items: readonly JsonObject[]): Written {
  const [first] = items;
  if (first === undefined) return NOTHING;
  const known = written.get(first);
  if (known !== undefined && isSame(known.items, items)) return known;
  const text = items.map(textOf).join(',');
  const made = { items, text, bytes: Buffer.from(text) };
  written.set(first, made);
  return made;
}

function isSame(some: readonly JsonObject[], others: readonly JsonObject[]): boolean {
  return some.length === others.length && some.every((item, i) => item === others[i]);
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
