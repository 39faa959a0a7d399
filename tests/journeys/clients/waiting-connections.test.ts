import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OperatorGround } from '../operator-ground.ts';

const SOMAXCONN = '/proc/sys/net/core/somaxconn';
/** More than Node's own 511. */
const MANY = 1500;
const canWait = existsSync(SOMAXCONN) && Number(readFileSync(SOMAXCONN, 'utf8')) > MANY;

let ground: OperatorGround;
beforeEach(() => {
  ground = new OperatorGround();
});
afterEach(() => ground.remove());

it.skipIf(!canWait)('so many that connect at once while it is busy are all let in', async () => {
  ground.write('lanyard.yaml', ground.configuration());
  const running = await ground.up();
  const url = new URL(await running.url());
  const sockets: Socket[] = [];
  let connected = 0;
  // Nothing is as busy as a process that stands.
  running.child.kill('SIGSTOP');
  try {
    for (let i = 0; i < MANY; i++) {
      const socket = connect(Number(url.port), url.hostname);
      socket.on('error', () => undefined);
      socket.once('connect', () => connected++);
      sockets.push(socket);
    }
    await vi.waitFor(() => expect(connected).toBe(MANY), { timeout: 60_000 });
  } finally {
    running.child.kill('SIGCONT');
    for (const socket of sockets) socket.destroy();
    await running.end();
  }
});
