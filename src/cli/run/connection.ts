import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { request } from '../../base/http.ts';
import { RUN_PROTOCOL } from '../../doors/run/index.ts';
import { CommandFailure, EXIT } from '../exit-code.ts';
import { NotRunning, socketOf } from '../instance.ts';

/** The operator socket, switched to what `run` and its instance tell each other. */
export function connectRun(config: string): Promise<Duplex> {
  const socketPath = socketOf(config);
  if (socketPath === null) throw new NotRunning();
  return new Promise((resolve, reject) => {
    const sent = request({
      socketPath,
      path: '/v1/run',
      headers: { Connection: 'Upgrade', Upgrade: RUN_PROTOCOL },
    });
    sent.once('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    sent.once('response', (response) => {
      void text(response).then(
        (body) => reject(refusalIn(body)),
        () => reject(new NotRunning()),
      );
    });
    sent.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? new NotRunning() : error),
    );
    sent.end();
  });
}

/** An instance that stops, or another than this command's, says so in its refusal. */
function refusalIn(body: string): CommandFailure {
  const why = /"sentence":("(?:[^"\\]|\\.)*")/.exec(body)?.[1];
  return why === undefined ? new NotRunning() : new CommandFailure(EXIT.unreachable, String(JSON.parse(why)));
}
