// What both conforming upstreams share: a server on loopback that looks at Host, and reads the body.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Serves on any port of 127.0.0.1 and prints `listening <url of /mcp>`. `handle` gets request, response and the parsed
 * body, undefined where there is none. Whoever is named otherwise than this machine gets 403 (DNS rebinding).
 */
export function serve(handle) {
  const server = createServer(async (request, response) => {
    try {
      if (!LOOPBACK.test(request.headers.host ?? '')) {
        answer(response, 403, { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no such host' } });
        return;
      }
      const body = request.method === 'POST' ? await text(request) : '';
      await handle(request, response, body === '' ? undefined : JSON.parse(body));
    } catch (fault) {
      console.error(fault);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(`listening http://127.0.0.1:${server.address().port}/mcp`);
  });
  process.on('SIGTERM', () => process.exit(0));
  // A test that is killed takes its upstream with it.
  process.stdin.on('end', () => process.exit(0)).resume();
}

export function answer(response, status, message) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(message));
}
