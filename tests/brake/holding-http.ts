import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { answer, knowsTasks, taskOf } from './holding.mjs';

/** One message that a server has read, with how it came. */
export interface Arrived {
  readonly method: string;
  /** Of a call: the `id` it was given as an argument. */
  readonly call: string | null;
}

export function arrivedOf(message: unknown): Arrived | null {
  if (!isJsonObject(message) || typeof message['method'] !== 'string') return null;
  const params: JsonObject = isJsonObject(message['params']) ? message['params'] : {};
  const args: JsonObject = isJsonObject(params['arguments']) ? params['arguments'] : {};
  return { method: message['method'], call: typeof args['id'] === 'string' ? args['id'] : null };
}

/** A server inside this process that holds every call, so that what it reads can be told from what it reads later. */
export class HoldingHttp {
  readonly arrived: Arrived[] = [];
  /** Told of each call that is being held, in the tick in which it was read. */
  onCall: () => void = () => undefined;
  /** Told of each call whose connection has ended. */
  onClosed: () => void = () => undefined;
  readonly #server: Server;

  private constructor(speaks: '2025' | '2026') {
    this.#server = createServer(async (request, response) => {
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk as Buffer);
      } catch {
        return;
      }
      if (request.method !== 'POST') {
        if (request.method === 'DELETE') this.arrived.push({ method: 'DELETE', call: null });
        response.writeHead(request.method === 'GET' ? 405 : 200).end();
        return;
      }
      this.#take(speaks, JSON.parse(Buffer.concat(chunks).toString('utf8')), response);
    });
  }

  static async start(speaks: '2025' | '2026'): Promise<HoldingHttp> {
    const one = new HoldingHttp(speaks);
    await new Promise<void>((done) =>
      one.#server.listen({ port: 0, host: '127.0.0.1', backlog: LIMITS.listenBacklog }, done),
    );
    return one;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #take(speaks: '2025' | '2026', message: JsonObject, response: ServerResponse): void {
    const arrived = arrivedOf(message);
    if (arrived !== null) this.arrived.push(arrived);
    if (message['id'] === undefined) {
      response.writeHead(202).end();
      return;
    }
    const result = isForeign(speaks, message['method']) ? undefined : answer(message);
    if (message['method'] === 'tools/call' && speaks === '2026' && knowsTasks(message)) {
      const result = { ...taskOf(`task-${arrived?.call}`), resultType: 'task' };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: message['id'], result }));
      return;
    }
    if (message['method'] === 'tools/call') {
      response.on('close', () => this.onClosed());
      this.onCall();
      return;
    }
    const body = result === undefined ? { error: { code: -32601, message: 'unknown method' } } : { result };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id: message['id'], ...body }));
  }
}

const isForeign = (speaks: '2025' | '2026', method: unknown) =>
  method === (speaks === '2026' ? 'initialize' : 'server/discover');
