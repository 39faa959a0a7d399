import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { refusalHeaders } from '../http/refusal-headers.ts';
import { writeJson } from '../http/write-json.ts';
import { statusOf } from './answers.ts';

type Headers = { readonly [name: string]: string };

/** Answers a request: one JSON body in one write. What is decided here is for this caller and this moment. */
export function giveJson(req: IncomingMessage, res: ServerResponse, value: Json, status = 200): void {
  give(res, status, JSON.stringify(value), { ...requestId(req), 'Cache-Control': 'no-store' });
}

/**
 * Answers a refusal: "An error message string" (AuthZEN 1.0, "Error Responses"), as JSON, with our code before it.
 * `cut`: the body is longer than what we throw away for anybody; the answer is sent, then the connection is closed.
 */
export function giveRefusal(
  req: IncomingMessage,
  res: ServerResponse,
  { code, sentence }: Problem,
  { cut = false, allow = 'POST' }: { readonly cut?: boolean; readonly allow?: string } = {},
): void {
  if (cut) {
    res.shouldKeepAlive = false;
    res.once('finish', () => req.socket.destroy());
  }
  const headers = { ...refusalHeaders({ code, sentence }, req, allow), ...requestId(req) };
  give(res, statusOf(code), JSON.stringify(`${code}: ${sentence}`), headers);
}

const NOT_ASCII = /[\x80-\xff]/;

/** Node writes a head in the encoding of the text behind it, and in bytes as they came only where bytes follow. */
function give(res: ServerResponse, status: number, text: string, headers: Headers): void {
  const id = headers['X-Request-ID'];
  const isPlain = id === undefined || !NOT_ASCII.test(id);
  writeJson(res, isPlain ? { status, text } : { status, text, bytes: Buffer.from(text) }, headers);
}

/** "The PDP MUST include the same identifier in the response" (AuthZEN 1.0, "Request Identification"). */
function requestId(req: IncomingMessage): Headers {
  const id = req.headers['x-request-id'];
  return typeof id === 'string' ? { 'X-Request-ID': id } : {};
}
