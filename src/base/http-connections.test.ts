import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer } from './http.ts';
import { boundConnections, ownConnection } from './http-connections.ts';

const MOST = 6;

/** A path names whose the connection is; `/slow/…` is not answered. */
const server = createServer((request, response) => {
  const [, what = '', owner = ''] = (request.url ?? '').split('/');
  if (owner !== '') ownConnection(request.socket, owner);
  if (what !== 'slow') response.end(what);
});
boundConnections(server, MOST);
const open: Socket[] = [];

beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterAll(() => {
  for (const socket of open) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** One more connection, taken by the server; what it says is asked there. */
async function openOne(path?: string): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  open.push(socket);
  const arrived = once(server, path === undefined ? 'connection' : 'request');
  if (path !== undefined) socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await arrived;
  if (path?.startsWith('/fast') === true) await once(socket, 'data');
  return socket;
}

test('whoever holds the most loses the oldest on which nothing runs; a stranger crowds out strangers alone', async () => {
  const mine = await openOne('/fast/writer');
  const busy = await openOne('/slow/crowd');
  const idle = await openOne('/fast/crowd');
  const third = await openOne('/fast/crowd');
  const stranger = await openOne();
  await openOne('/fast/other');
  const closed = once(idle, 'close');
  const seventh = await openOne();
  await closed;
  // Now three strangers hold the most, of whom the oldest goes.
  const strangers = once(stranger, 'close');
  await openOne();
  await strangers;
  expect([mine, busy, third, seventh].map((one) => one.destroyed)).toEqual([false, false, false, false]);
  mine.write('GET /again/writer HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(String((await once(mine, 'data'))[0])).toContain('again');
});
