import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../../../base/errors.ts';
import { isJsonMedia } from '../../http/guard.ts';

/** 415 and 406, for a POST. */
export function checkMedia(req: IncomingMessage): Problem | null {
  if (!isJsonMedia(req)) return problem('UNSUPPORTED_MEDIA_TYPE');
  return acceptsBoth(req.headers.accept) ? null : problem('NOT_ACCEPTABLE');
}

/** Whether an event stream is wanted, as a GET must say (2025-11-25 Transports); one who says nothing wants anything. */
export function acceptsEvents(accept: string | undefined): boolean {
  if (accept === undefined) return true;
  const ranges = accept.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase() ?? '');
  return ranges.some((range) => range === 'text/event-stream' || range === 'text/*' || range === '*/*');
}

/** Whether it names event streams before JSON: where both are as welcome, the order decides. */
export function prefersEvents(accept: string | readonly string[] | undefined): boolean {
  return typeof accept === 'string' && /^\s*text\/event-stream\s*(?:,|$)/i.test(accept);
}

/** MCP asks clients to accept both forms; one who says nothing or `*` / `*` accepts anything (RFC 9110 §12.5.1). */
function acceptsBoth(accept: string | undefined): boolean {
  if (accept === undefined || accept === 'application/json, text/event-stream') return true;
  const ranges = accept.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase() ?? '');
  if (ranges.includes('*/*')) return true;
  const json = ranges.includes('application/json') || ranges.includes('application/*');
  return json && (ranges.includes('text/event-stream') || ranges.includes('text/*'));
}
