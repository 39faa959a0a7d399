/**
 * `createServer`, `request`, requests as they come and the names of statuses of node:http, for whoever may open sockets (tests/floorplan.test.ts). An `import` of the
 * module would copy every name it exports, and two of those are lazy: each process, a command line's too, would load the
 * runtime's own fetch and WebSocket for nothing (14 MB and 30 ms, measured on Node 24).
 */
export const { createServer, IncomingMessage, request, STATUS_CODES } = process.getBuiltinModule('node:http');

/** The `request` that speaks what the address asks for: TLS for `https:`, which is loaded with the first such address. */
export function requestFor(url: string | URL): typeof request {
  const isTls = String(url).startsWith('https:');
  return isTls ? process.getBuiltinModule('node:https').request : request;
}
