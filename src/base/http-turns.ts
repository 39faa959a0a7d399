import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from './limits.ts';

/**
 * Takes the requests of one connection in their turn: one that was sent before the answer to the one ahead of it has ended
 * is looked at when its own answer can leave, and never where the connection is gone by then. Otherwise an answer that
 * was good in the tick in which it was given would lie in a queue, and leave after a stop. Beyond
 * LIMITS.pipelinedRequests that wait the connection goes.
 */
export function inTurn(serve: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>();

  const wait = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const before = waiting.get(socket) ?? 0;
    if (before >= LIMITS.pipelinedRequests) {
      socket.destroy();
      return;
    }
    waiting.set(socket, before + 1);
    // node gives a response its socket when it is the next to be sent.
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
      serve(request, response);
    });
  };
  return (request, response) => {
    if (response.socket === null) wait(request, response);
    else serve(request, response);
  };
}
