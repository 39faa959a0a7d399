import { parentPort, workerData } from 'node:worker_threads';
import { unflatten } from './flat-batch.ts';
import { openSqlite } from './open.ts';
import { type Reply, type Request, shapeOf } from './writer-messages.ts';

/** The thread that writes: it alone waits for the disk. `workerData` is the path of the database. */
const port = parentPort;
if (port === null) throw new Error('the writing thread is not started by itself');
const store = await openSqlite(String(workerData));

async function serve(request: Request): Promise<number> {
  if (request.kind === 'expire') return store.expireBodies(request.nowMs);
  if (request.kind === 'append') await store.append(unflatten(request.batch));
  else await store.close();
  return 0;
}

const answer = (reply: Reply) => port.postMessage(reply);

/** Requests are served one after the other; each is called before the next is looked at. */
port.on('message', (request: Request) => {
  serve(request)
    .then((count) => answer({ id: request.id, kind: 'done', count }))
    .catch((fault: unknown) => answer({ id: request.id, kind: 'failed', fault: shapeOf(fault) }))
    .finally(() => {
      if (request.kind === 'close') port.close();
    });
});
port.postMessage('ready');
