import { connect, type Socket } from 'node:net';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** Connects the first address that answers, within LIMITS.dialMs for all of them. Addresses only: nothing is looked up here. */
export async function dial(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Result<Socket, string>> {
  const late = AbortSignal.timeout(LIMITS.dialMs);
  const ended = AbortSignal.any([signal, late]);
  let why = 'it has no address';
  for (const address of addresses) {
    const dialled = await dialOne(address, port, ended);
    if (dialled.ok) return dialled;
    why = dialled.error;
    if (ended.aborted) break;
  }
  return err(late.aborted && !signal.aborted ? `it did not answer within ${LIMITS.dialMs} ms` : why);
}

function dialOne(address: string, port: number, ended: AbortSignal): Promise<Result<Socket, string>> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
    const abort = () => socket.destroy(new Error('it was given up'));
    const done = (result: Result<Socket, string>) => {
      ended.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
      // A socket that nobody listens to would end the process with its error.
      socket.on('error', () => undefined);
      resolve(result);
    };
    const fail = (error: NodeJS.ErrnoException) => {
      socket.destroy();
      done(err(error.code ?? error.message));
    };
    socket.once('error', fail);
    socket.once('connect', () => done(ok(socket)));
    if (ended.aborted) abort();
    else ended.addEventListener('abort', abort, { once: true });
  });
}
