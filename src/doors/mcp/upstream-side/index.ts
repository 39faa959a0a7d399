/** doors/mcp/upstream-side: clients to MCP servers, child processes and HTTP. Each call is sent once and never again. */
export type { HttpUpstream, StdioUpstream, UpstreamConfig, UpstreamLimits } from './config.ts';
export { createUpstreams, type ManagedUpstreams, type UpstreamsDeps } from './upstreams.ts';
