import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { Sessions } from './people/sessions.ts';
import type { EventSource, SignedIn } from './route.ts';

/** The same row goes to every console that is open: it is written as text once. */
const texts = new WeakMap<object, string>();

function textOf(data: Json): string {
  if (typeof data !== 'object' || data === null) return JSON.stringify(data);
  const known = texts.get(data) ?? JSON.stringify(data);
  texts.set(data, known);
  return known;
}

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
    write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${textOf(data)}\n\n`),
  );
  response.on('close', () => {
    clearInterval(alive);
    leave();
    stop();
  });
}
