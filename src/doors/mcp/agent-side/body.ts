import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../../../base/errors.ts';
import { LIMITS } from '../../../base/limits.ts';

/** What came of reading a body. `cut`: more than LIMITS.drainBytes arrived; answer, then close the connection. */
export type BodyRead =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly cut: boolean }
  | { readonly kind: 'gone' };

/** How much of unfinished bodies is held now, over all requests of one door. */
export interface Arriving {
  bytes: number;
}

/**
 * Reads at most LIMITS.requestBytes and throws away up to LIMITS.drainBytes beyond, so that a client that is still
 * sending can read its answer. With `refusal` nothing is kept and that is the answer. How long a body may take is the
 * server's `requestTimeout`.
 */
export function readBody(
  req: IncomingMessage,
  arriving: Arriving,
  refusal: Problem | null,
  then: (read: BodyRead) => void,
): void {
  const chunks: Buffer[] = [];
  let held = 0;
  let size = 0;
  let found = refusal;
  let done = false;

  const letGo = (): void => {
    arriving.bytes -= held;
    held = 0;
    chunks.length = 0;
  };
  const finish = (read: BodyRead): void => {
    if (done) return;
    done = true;
    letGo();
    then(read);
  };
  const hold = (chunk: Buffer): Problem | null => {
    if (size > LIMITS.requestBytes) return problem('BODY_TOO_LARGE', { limit: LIMITS.requestBytes });
    if (arriving.bytes + chunk.length > LIMITS.arrivingBytes) return problem('BUSY');
    chunks.push(chunk);
    held += chunk.length;
    arriving.bytes += chunk.length;
    return null;
  };
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
    found ??= hold(chunk);
    if (found === null) return;
    letGo();
    if (size > LIMITS.drainBytes) {
      req.pause();
      finish({ kind: 'refused', problem: found, cut: true });
    }
  });
  req.on('end', () => {
    if (found !== null) finish({ kind: 'refused', problem: found, cut: false });
    else finish({ kind: 'body', bytes: joinChunks(chunks, size) });
  });
  // Without an `end` before it, `close` says that the client went away in the middle.
  req.on('close', () => finish({ kind: 'gone' }));
  req.on('error', () => finish({ kind: 'gone' }));
}

function joinChunks(chunks: readonly Buffer[], size: number): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size);
}
