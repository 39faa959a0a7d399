import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { refusalHeaders } from '../http/refusal-headers.ts';
import { writeJson } from '../http/write-json.ts';
import { statusOf } from './answers.ts';

/** Answers a request: one JSON body in one write. What is decided here is for this caller and this moment. */
export function giveJson(req: IncomingMessage, res: ServerResponse, value: Json, status = 200): void {
  writeJson(res, { status, text: JSON.stringify(value) }, { ...requestId(req), 'Cache-Control': 'no-store' });
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
  writeJson(res, { status: statusOf(code), text: JSON.stringify(`${code}: ${sentence}`) }, headers);
}

/** "The PDP MUST include the same identifier in the response" (AuthZEN 1.0, "Request Identification"). */
function requestId(req: IncomingMessage): { readonly [name: string]: string } {
  const id = req.headers['x-request-id'];
  return typeof id === 'string' ? { 'X-Request-ID': id } : {};
}
