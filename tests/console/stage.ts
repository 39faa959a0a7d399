import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mockControl } from '../../console/mock/serve.ts';
import { setStrictHeaders } from '../../src/control/gate.ts';
import { readPages } from '../../src/control/pages.ts';
import { ROOT } from '../source-tree.ts';

/** The built console before the mock, under the very headers of `control`. */
export async function openStage(nowMs: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  const pages = readPages(join(ROOT, 'console', 'dist'));
  if (pages === null) throw new Error('the console is not built: node scripts/console.mjs');
  const control = mockControl(nowMs);
  const server: Server = createServer((request, response) => {
    setStrictHeaders(response, false);
    if (control(request, response)) return;
    const page = pages.find(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (page === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': page.type }).end(page.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
