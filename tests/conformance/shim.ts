import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Shim {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stands before Lanyard and adds the token that the harness cannot send. Everything else passes as it came, Host and
 * Origin above all: they are what one of the scenarios is about.
 */
export async function startShim(target: string, token: string): Promise<Shim> {
  const { port, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const headers = [...incoming.rawHeaders, 'authorization', `Bearer ${token}`];
    const onward = request(
      { host: '127.0.0.1', port, path: pathname, method: incoming.method, headers, setHost: false },
      (answered) => {
        outgoing.writeHead(answered.statusCode ?? 502, answered.rawHeaders);
        outgoing.flushHeaders();
        answered.pipe(outgoing);
        answered.on('error', () => outgoing.destroy());
      },
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/mcp`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
