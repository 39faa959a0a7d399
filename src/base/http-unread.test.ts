import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boundConnections, ownConnection } from './http-connections.ts';
import { boundUnread } from './http-unread.ts';

/** More than the system takes in for a client that does not read. */
const MIB = 1024 * 1024;
const BOUNDS = { unreadBytes: 200 * MIB, unreadBytesEach: 100 * MIB, unreadCheckMs: 20 };

/** `/owner/MiB`: the answer is so long. */
const server = createServer((request, response) => {
  const [, owner = '', length = ''] = (request.url ?? '').split('/');
  ownConnection(request.socket, owner);
  response.end(Buffer.alloc(Number(length) * MIB));
});
boundConnections(server, 100);
boundUnread(server, BOUNDS);
const open: Socket[] = [];

beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterAll(() => {
  for (const socket of open) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** Asks for an answer that is not read; the server's side of the connection, once it has been given there. */
async function ask(owner: string, length: number): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  open.push(socket);
  const arrived = once(server, 'request');
  socket.write(`GET /${owner}/${length} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [request] = await arrived;
  return request.socket;
}

test('whoever leaves too much unread loses the longest answer, and nobody else theirs', async () => {
  const other = await ask('other', 60);
  const small = await ask('crowd', 40);
  const large = await ask('crowd', 90);
  await once(large, 'close');
  expect([other.destroyed, small.destroyed]).toEqual([false, false]);
  // Nobody has too much, but all together have.
  const third = await ask('third', 99);
  const fourth = await ask('fourth', 50);
  await once(third, 'close');
  expect([other, small, fourth].map((one) => one.destroyed)).toEqual([false, false, false]);
});
