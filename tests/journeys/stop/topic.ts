import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A topic as ntfy serves it (docs.ntfy.sh/subscribe/api): POST publishes, GET /json streams what was and what comes. */
export class StopTopic {
  readonly #server: Server;
  readonly #messages: { id: string; event: 'message'; message: string }[] = [];
  readonly #readers = new Set<ServerResponse>();
  /** Texts that were published, in order. */
  readonly published: string[] = [];
  /** Answers instead of the stream. */
  broken: number | null = null;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      response.setHeader('access-control-allow-origin', '*');
      if (request.method === 'POST') {
        let text = '';
        request.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        request.on('end', () => response.end(JSON.stringify(this.publish(text))));
      } else if (pathname.endsWith('/json')) this.#stream(searchParams.get('since'), response);
      else response.writeHead(404).end();
    });
  }

  static async open(): Promise<StopTopic> {
    const self = new StopTopic();
    self.#server.listen(0, '127.0.0.1');
    await once(self.#server, 'listening');
    return self;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/topic`;
  }

  get readers(): number {
    return this.#readers.size;
  }

  publish(message: string): object {
    const event = { id: `m${this.#messages.length}`, event: 'message' as const, message };
    this.#messages.push(event);
    this.published.push(message);
    for (const reader of this.#readers) reader.write(`${JSON.stringify(event)}\n`);
    return event;
  }

  /** Ends the streams that are open. */
  cut(): void {
    for (const reader of this.#readers) reader.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #stream(since: string | null, response: ServerResponse): void {
    if (this.broken !== null) {
      response.writeHead(this.broken).end();
      return;
    }
    response.write(`${JSON.stringify({ id: 'o', event: 'open' })}\n`);
    const from = since === 'all' ? 0 : this.#messages.findIndex(({ id }) => id === since) + 1;
    for (const event of this.#messages.slice(from)) response.write(`${JSON.stringify(event)}\n`);
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
  }
}
