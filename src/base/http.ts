/**
 * `createServer` and `request` of node:http, for whoever may open sockets (tests/floorplan.test.ts). An `import` of the
 * module would copy every name it exports, and two of those are lazy: each process, a command line's too, would load the
 * runtime's own fetch and WebSocket for nothing (14 MB and 30 ms, measured on Node 24).
 */
export const { createServer, request } = process.getBuiltinModule('node:http');
