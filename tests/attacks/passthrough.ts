import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from './attack.ts';

/**
 * A gateway that lets everything through: it looks at the address, and at nothing else. It shows what the rows find in
 * a gateway that decides nothing, and how little another one needs to be tried with them.
 */
export async function startPassthrough(canaryUrl: string): Promise<Gateway> {
  const { port } = new URL(canaryUrl);
  const server = createServer((incoming, outgoing) => {
    const upstream = /^\/mcp\/([a-z]+)/.exec(incoming.url ?? '')?.[1] ?? 'box';
    const { method, headers } = incoming;
    const onward = request({ port, method, path: `/${upstream}/mcp`, headers }, (answered) => {
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tokens = {
    agent: 'a-token',
    other: 'b-token',
    flooder: 'c-token',
    walker: 'f-token',
    rover: 'g-token',
    revoked: 'd-token',
    expired: 'e-token',
  };
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    codeOf: ({ message }) => (message?.['error'] === undefined ? null : 'refused'),
    exact: false,
    workspace: null,
    stdio: null,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
