import type { IncomingMessage, ServerResponse } from 'node:http';
import { LIMITS } from '../base/limits.ts';
import type { Sessions } from './people/sessions.ts';
import type { EventSource, SentEvent, SignedIn } from './route.ts';

/** The same list goes to every console that is open: it is written as text once. */
const texts = new WeakMap<readonly SentEvent[], string>();

function textOf(events: readonly SentEvent[]): string {
  const known =
    texts.get(events) ??
    events.map(({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('');
  texts.set(events, known);
  return known;
}

export const EVENTS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

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
  response.writeHead(200, EVENTS);
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
  const stop = source((events) => write(textOf(events)));
  response.on('close', () => {
    clearInterval(alive);
    leave();
    stop();
  });
}
