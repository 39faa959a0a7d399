/**
 * doors/mcp/agent-side: where agents connect, over HTTP and stdio, in both generations of MCP. Knows the wire and who
 * is calling; decides nothing: every action goes through the Corridor.
 */

export { createMcpDoor, type McpDoor, type McpDoorOptions } from './door.ts';
export { type StdioFace, type StdioOptions, serveStdio } from './stdio.ts';
export { createStdioUpgrade, FAREWELL, STDIO_PROTOCOL } from './stdio-upgrade.ts';
