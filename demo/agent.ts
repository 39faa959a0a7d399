import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** What became of one call, as the agent's own program sees it. */
export type Met =
  | { readonly result: 'allowed' }
  | {
      readonly result: 'denied';
      readonly code: string;
      readonly rules: readonly string[];
      readonly reason: string;
    }
  | { readonly result: 'failed'; readonly why: string };

export interface DemoAgent {
  readonly protocol: string;
  /** Names of the tools it is shown. */
  readonly tools: readonly string[];
  /** `operation` is `<upstream>/<tool>`. */
  call(operation: string, args: Readonly<Record<string, unknown>>): Promise<Met>;
  leave(): Promise<void>;
}

const CALL_MS = 20_000;

/** A real MCP client on the one address at which Lanyard offers every upstream. It knows nothing of the servers. */
export async function connectAgent(url: string, token: string, signal: AbortSignal): Promise<DemoAgent> {
  const client = new Client(
    { name: 'demo-agent', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  const { tools } = await client.listTools();
  return {
    protocol: client.getNegotiatedProtocolVersion() ?? 'an unknown version',
    tools: tools.map((tool) => tool.name),
    async call(operation, args) {
      const name = operation.replace('/', '__');
      try {
        const result = await client.callTool({ name, arguments: { ...args } }, { timeout: CALL_MS, signal });
        return read(result);
      } catch (error) {
        return { result: 'failed', why: error instanceof Error ? error.message : String(error) };
      }
    },
    leave: () => client.close(),
  };
}

function read(result: Awaited<ReturnType<Client['callTool']>>): Met {
  const decision = result._meta?.['dev.lanyard/decision'];
  if (typeof decision === 'object' && decision !== null) {
    const { code, rules, reason } = decision as { code: string; rules: readonly string[]; reason: string };
    return { result: 'denied', code, rules, reason };
  }
  if (result.isError !== true) return { result: 'allowed' };
  return { result: 'failed', why: JSON.stringify(result.content) };
}
