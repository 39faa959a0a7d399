import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createNetServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer } from '../../base/http.ts';
import { isJsonObject } from '../../base/json.ts';
import type { CanaryServer } from './canary-server.ts';
import { readLines } from './lines.ts';

/** What a canary's process said of itself: which variables it was given. */
interface PipeFacts {
  readonly server: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Where all canaries of one doctor are: over HTTP on a loopback port, and over stdio through small processes
 * (canary-pipe.ts) that pass what they read to a Unix socket here. So everything that reaches a canary is counted in
 * one place, outside the instance that is looked at.
 */
export class CanaryHub {
  readonly #servers = new Map<string, CanaryServer>();
  readonly #sockets = new Set<Socket>();
  readonly #http = createServer((request, response) => void this.#takeHttp(request, response));
  readonly #pipes: Server = createNetServer((socket) => this.#takePipe(socket));
  readonly pipeFacts: PipeFacts[] = [];
  /** Headers of the newest HTTP request to each canary. */
  readonly headers = new Map<string, IncomingMessage['headers']>();
  /** What every canary process is to write to stderr, where it is to write something. */
  stderrLine: string | null = null;
  /** Requests to addresses that belong to no canary: where a redirect would lead. */
  strays = 0;
  #port = 0;

  async listen(socketPath: string): Promise<void> {
    await new Promise<void>((done) => this.#http.listen(0, '127.0.0.1', done));
    const address = this.#http.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise<void>((done) => this.#pipes.listen(socketPath, done));
  }

  add(key: string, server: CanaryServer): CanaryServer {
    this.#servers.set(key, server);
    return server;
  }

  url(key: string): string {
    return `http://127.0.0.1:${this.#port}/${key}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#http.closeAllConnections();
    await Promise.all([
      new Promise<void>((done) => this.#http.close(() => done())),
      new Promise<void>((done) => this.#pipes.close(() => done())),
    ]);
  }

  async #takeHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const key = (request.url ?? '').slice(1);
      const server = this.#servers.get(key);
      const raw = await text(request);
      if (server === undefined) this.strays++;
      if (server === undefined || request.method !== 'POST') {
        response.writeHead(server === undefined ? 404 : 405).end();
        return;
      }
      this.headers.set(key, request.headers);
      const answer = await server.take(raw);
      if (answer === null) response.writeHead(202).end();
      else if ('redirect' in answer && typeof answer['redirect'] === 'string')
        response.writeHead(307, { location: answer['redirect'] }).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } catch {
      response.destroy();
    }
  }

  #takePipe(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    let server: CanaryServer | undefined;
    readLines(socket, (line) => {
      if (server === undefined) {
        const facts = factsOf(line);
        server = this.#servers.get(facts?.server ?? '');
        if (facts !== null) this.pipeFacts.push(facts);
        if (server === undefined) socket.destroy();
        return;
      }
      if (this.stderrLine !== null) socket.write(`#${this.stderrLine}\n`);
      void server.take(line).then(
        (answer) => {
          if (answer !== null && !socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
        },
        () => socket.destroy(),
      );
    });
  }
}

/** Nothing, where the process was killed in the middle of its line. */
function factsOf(line: string): PipeFacts | null {
  let facts: unknown;
  try {
    facts = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isJsonObject(facts)) return null;
  const environment = isJsonObject(facts['environment']) ? facts['environment'] : {};
  return {
    server: String(facts['server']),
    environment: Object.fromEntries(Object.entries(environment).map(([name, item]) => [name, String(item)])),
  };
}
