import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { JsonObject } from '../../../src/base/json.ts';

/** A client at the stdio face of `box`, without a program of its own in between. */
export interface Pipe {
  ask(id: number, method: string, params: JsonObject): void;
  /** All that it was told until its connection went. */
  readonly rest: Promise<string>;
}

export async function pipeTo(url: string, token: string): Promise<Pipe> {
  const socket = createConnection({ port: Number(new URL(url).port), host: '127.0.0.1' });
  let said = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const rest = once(socket, 'close').then(() => said);
  const head = `Host: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nUpgrade: lanyard-stdio\r\nConnection: Upgrade\r\n`;
  socket.write(`GET /mcp/box HTTP/1.1\r\n${head}\r\n`);
  await once(socket, 'data');
  return {
    ask: (id, method, params) =>
      void socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`),
    rest,
  };
}
