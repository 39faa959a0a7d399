import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrived {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A real web server that keeps what is posted to it, and answers as it is told. */
export class Endpoint {
  readonly arrived: Arrived[] = [];
  status = 200;
  headers: Record<string, string> = {};
  /** Each path may have a status of its own. */
  readonly statuses = new Map<string, number>();
  #wake: (() => void)[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      this.arrived.push({ path, headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(this.statuses.get(path) ?? this.status, this.headers).end('hostile answer <script>');
      for (const wake of this.#wake.splice(0)) wake();
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves once so many have arrived in all. */
  async until(count: number): Promise<readonly Arrived[]> {
    while (this.arrived.length < count) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.arrived;
  }

  /** What arrived, where it is one thing. */
  only(): Arrived {
    const [first, ...rest] = this.arrived;
    if (first === undefined || rest.length > 0) throw new Error(`${this.arrived.length} arrived`);
    return first;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
