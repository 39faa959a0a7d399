/**
 * doors/mcp/agent-side: where agents connect, over HTTP and stdio, in both generations of MCP. Knows the wire and who
 * is calling; decides nothing: every action goes through the Corridor.
 */
export { peerOf } from './admission.ts';
export { createMcpDoor, type McpDoor, type McpDoorOptions } from './door.ts';
export { bearerOf, createGuard } from './guard.ts';
export { createDoorServer, type DoorTls } from './server.ts';
export { type StdioFace, type StdioOptions, serveStdio } from './stdio.ts';
export { createStdioUpgrade, STDIO_PROTOCOL } from './stdio-upgrade.ts';
