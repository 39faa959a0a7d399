import type { IncomingMessage, ServerResponse } from 'node:http';
import { LIMITS } from '../base/limits.ts';
import type { Sessions } from './people/sessions.ts';
import type { EventSource, SignedIn } from './route.ts';

/**
 * A stream of server-sent events, to a page that reads it with fetch (EventSource could not send the bearer). It ends
 * with its session. A reader that does not keep up is cut; it comes back and asks anew.
 */
export function openEvents(
  sessions: Sessions,
  who: SignedIn | null,
  request: IncomingMessage,
  response: ServerResponse,
  source: EventSource,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  request.socket.setTimeout(0);
  request.socket.setNoDelay(true);
  const write = (text: string) => {
    if (response.writableLength > LIMITS.streamBufferBytes) response.destroy();
    else response.write(text);
  };
  write(':\n\n');
  const alive = setInterval(() => {
    if (who !== null && !sessions.isOpen(who.session)) response.end();
    else write(':\n\n');
  }, LIMITS.streamKeepAliveMs);
  alive.unref();
  const leave =
    who === null ? () => undefined : sessions.onEnd((ended) => ended === who.session && response.end());
  const stop = source((event, data, id) =>
    write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
  );
  response.on('close', () => {
    clearInterval(alive);
    leave();
    stop();
  });
}
