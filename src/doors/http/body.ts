import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { Pieces } from '../../base/pieces.ts';
import { DoorRequest } from './door-request.ts';

/** What came of reading a body. `cut`: more than LIMITS.drainBytes arrived; answer, then close the connection. */
export type BodyRead =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly cut: boolean }
  | { readonly kind: 'gone' };

/** How much of unfinished bodies is held now, over all requests of one door, and by whose. */
export class Arriving {
  #bytes = 0;
  readonly #of = new Map<string, number>();

  get bytes(): number {
    return this.#bytes;
  }

  /** False where that would be more than is held, for everybody or for one. */
  take(owner: string, bytes: number): boolean {
    const own = (this.#of.get(owner) ?? 0) + bytes;
    if (this.#bytes + bytes > LIMITS.arrivingBytes || own > LIMITS.arrivingBytesEach) return false;
    this.#of.set(owner, own);
    this.#bytes += bytes;
    return true;
  }

  letGo(owner: string, bytes: number): void {
    if (bytes === 0) return;
    const own = (this.#of.get(owner) ?? 0) - bytes;
    // One that holds nothing stays known: V8 makes a new table for a Map that empties with every request.
    this.#of.set(owner, own);
    this.#bytes -= bytes;
  }
}

/**
 * Reads at most LIMITS.requestBytes and throws away up to LIMITS.drainBytes beyond, so that a client that is still
 * sending can read its answer. `given`: whose room it takes, or a refusal, and then
 * nothing is kept and that is the answer. How long a body may take is the
 * server's `requestTimeout`.
 */
export function readBody(
  req: IncomingMessage,
  arriving: Arriving,
  given: string | Problem,
  then: (read: BodyRead) => void,
): void {
  const pieces = new Pieces();
  let size = 0;
  const owner = typeof given === 'string' ? given : '';
  let found = typeof given === 'string' ? null : given;
  let done = false;

  const letGo = (): void => {
    arriving.letGo(owner, pieces.bytes);
    pieces.clear();
  };
  const finish = (read: BodyRead): void => {
    if (done) return;
    done = true;
    letGo();
    then(read);
  };
  const hold = (chunk: Buffer): Problem | null => {
    if (size > LIMITS.requestBytes) return problem('BODY_TOO_LARGE', { limit: LIMITS.requestBytes });
    if (!arriving.take(owner, chunk.length)) return problem('BUSY');
    pieces.add(chunk);
    return null;
  };
  /** False: enough has come. */
  const take = (chunk: Buffer): boolean => {
    size += chunk.length;
    found ??= hold(chunk);
    if (found === null) return true;
    letGo();
    if (size <= LIMITS.drainBytes) return true;
    finish({ kind: 'refused', problem: found, cut: true });
    return false;
  };
  const end = (): void => {
    if (found !== null) finish({ kind: 'refused', problem: found, cut: false });
    else finish({ kind: 'body', bytes: pieces.join() });
  };
  if (!takeAtOnce(req, take, end)) {
    req.on('data', (chunk: Buffer) => {
      if (!take(chunk)) req.pause();
    });
    req.on('end', end);
  }
  // Without an `end` before it, `close` says that the client went away in the middle.
  req.on('close', () => finish({ kind: 'gone' }));
  req.on('error', () => finish({ kind: 'gone' }));
}

/** Whether the body comes as the parser hands it over. Its end is told in a tick of its own, behind the parser's work. */
function takeAtOnce(req: IncomingMessage, take: (chunk: Buffer) => boolean, end: () => void): boolean {
  if (!(req instanceof DoorRequest)) return false;
  return req.takeBody((piece) => {
    if (piece !== null) return take(piece);
    process.nextTick(end);
    return true;
  });
}
