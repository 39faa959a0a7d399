import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { JsonBounds } from '../base/json-reader.ts';
import { parseJson } from '../base/json-text.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';

/**
 * The JSON that a request brings, at most LIMITS.requestBytes of it; `{}` where it has no body. It is read as strictly as
 * what agents send, so that no two readers find two things in it. Of a body that is too large the rest is read and thrown
 * away, up to `drainBytes` in all, so that its sender can read the refusal; beyond that the connection breaks. Errors:
 * BODY_TOO_LARGE, and those of `parseJson`. Rejects where the sender hangs up in the middle.
 */
export async function readJsonBody(
  request: IncomingMessage,
  { drainBytes, bounds }: { readonly drainBytes: number; readonly bounds?: JsonBounds },
): Promise<Result<Json, Problem>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= LIMITS.requestBytes) chunks.push(chunk as Buffer);
    else if (bytes > drainBytes) break;
  }
  if (bytes > LIMITS.requestBytes) return err(problem('BODY_TOO_LARGE', { limit: LIMITS.requestBytes }));
  return bytes === 0 ? ok({}) : parseJson(Buffer.concat(chunks), bounds);
}
