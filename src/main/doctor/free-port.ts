import { createServer } from 'node:net';

/** Below those that a system gives out by itself: nobody who asks for any port gets one of these meanwhile. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
let next = (process.pid * 7919) % PORTS;

/** A port of loopback that is free and stays so: what passkeys are bound to must be known before an instance starts. */
export async function freePort(): Promise<number> {
  for (;;) {
    next = (next + 1) % PORTS;
    const server = createServer();
    const listens = new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(FIRST_PORT + next, '127.0.0.1', () => resolve(true));
    });
    if (!(await listens)) continue;
    await new Promise((closed) => server.close(closed));
    return FIRST_PORT + next;
  }
}
