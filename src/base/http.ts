import type { Duplex } from 'node:stream';
import { ERRORS, type ErrorCode, problem } from './errors.ts';

/**
 * `createServer` and `request` of node:http, for whoever may open sockets (tests/floorplan.test.ts). An `import` of the
 * module would copy every name it exports, and two of those are lazy: each process, a command line's too, would load the
 * runtime's own fetch and WebSocket for nothing (14 MB and 30 ms, measured on Node 24).
 */
export const { createServer, request } = process.getBuiltinModule('node:http');

/** The `request` that speaks what the address asks for: TLS for `https:`, which is loaded with the first such address. */
export function requestFor(url: string | URL): typeof request {
  const isTls = String(url).startsWith('https:');
  return isTls ? process.getBuiltinModule('node:https').request : request;
}

/** Ends a connection that asked to be something else (`Upgrade`, CONNECT), and says why: JSON `{code, sentence}`. */
export function refuseSocket(socket: Duplex, code: ErrorCode): void {
  socket.on('error', () => socket.destroy());
  const { sentence } = problem(code);
  const body = `${JSON.stringify({ code, sentence })}\n`;
  const head = `HTTP/1.1 ${ERRORS[code].http} Refused\r\nContent-Type: application/json\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}
