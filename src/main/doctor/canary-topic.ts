import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from '../../base/http.ts';

/** A topic as ntfy serves it (docs.ntfy.sh/subscribe/api): who reads `…/json` is streamed what was and what comes. */
export class CanaryTopic {
  readonly #lines: string[] = [];
  readonly #readers = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => {
    request.resume();
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' || !pathname.endsWith('/json')) {
      response.writeHead(404).end();
      return;
    }
    response.write(`${JSON.stringify({ id: 'o', event: 'open' })}\n${this.#lines.join('')}`);
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/topic`;
  }

  publish(message: string): void {
    const line = `${JSON.stringify({ id: `m${this.#lines.length}`, event: 'message', message })}\n`;
    this.#lines.push(line);
    for (const reader of this.#readers) reader.write(line);
  }

  close(): void {
    for (const reader of this.#readers) reader.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
