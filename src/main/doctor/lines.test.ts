import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readLines } from './lines.ts';

it('a process that is killed before it has read what was sent to it ends its lines, and nothing else', async () => {
  const place = mkdtempSync(join(tmpdir(), 'lanyard-lines-'));
  const server = createServer();
  onTestFinished(() => {
    server.close();
    rmSync(place, { recursive: true });
  });
  server.listen(join(place, 's'));
  const client = connect(join(place, 's'));
  const [socket] = (await once(server, 'connection')) as [Socket];
  client.pause();
  const errors: unknown[] = [];
  const lines: string[] = [];
  socket.on('error', (error) => errors.push(error));
  const ended = new Promise<void>((done) => readLines(socket, (line) => lines.push(line), done));
  client.write('one\n');
  await expect.poll(() => lines).toEqual(['one']);
  await new Promise((done) => socket.write('never read\n', done));
  // Closed with something unread, a Unix socket resets its other end.
  client.destroy();
  await ended;
  expect(errors).toMatchObject([{ code: 'ECONNRESET' }]);
});
