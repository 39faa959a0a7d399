import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ownerOf } from './http-connections.ts';

/** How much of answers may lie here because nobody reads them, in bytes; and how often that is looked at, in ms. */
export interface UnreadBounds {
  readonly unreadBytes: number;
  /** Of one owner of connections. */
  readonly unreadBytesEach: number;
  readonly unreadCheckMs: number;
}

/**
 * Bounds what a server holds for clients that do not read their answers: whoever has the most of it beyond the bounds loses
 * the connection with the most. One answer is as long as an upstream likes to make it, and a client has as many
 * connections as it likes.
 */
export function boundUnread(server: Server, bounds: UnreadBounds): void {
  const open = new Set<Socket>();
  let timer: NodeJS.Timeout | undefined;
  const add = (socket: Socket): void => {
    open.add(socket);
    timer ??= setInterval(() => closeBeyond(bounds, open), bounds.unreadCheckMs).unref();
    socket.once('close', () => {
      open.delete(socket);
      if (open.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
  };
  server.on('connection', add);
  // Under TLS this is the one that is written to.
  server.on('secureConnection', add);
}

interface Holder {
  readonly sockets: Socket[];
  bytes: number;
}

function closeBeyond({ unreadBytes, unreadBytesEach }: UnreadBounds, open: ReadonlySet<Socket>): void {
  const holders = new Map<string, Holder>();
  let all = 0;
  for (const socket of open) {
    const bytes = socket.writableLength;
    if (bytes === 0) continue;
    const owner = ownerOf(socket);
    const holder = holders.get(owner) ?? { sockets: [], bytes: 0 };
    holders.set(owner, holder);
    holder.sockets.push(socket);
    holder.bytes += bytes;
    all += bytes;
  }
  for (const { sockets } of holders.values()) sockets.sort((a, b) => a.writableLength - b.writableLength);
  for (;;) {
    const most = [...holders.values()].reduce<Holder | null>(
      (found, one) => (found === null || one.bytes > found.bytes ? one : found),
      null,
    );
    if (most === null || (most.bytes <= unreadBytesEach && all <= unreadBytes)) return;
    const socket = most.sockets.pop();
    if (socket === undefined) return;
    const bytes = socket.writableLength;
    socket.destroy();
    most.bytes -= bytes;
    all -= bytes;
  }
}
