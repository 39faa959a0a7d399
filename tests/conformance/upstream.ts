import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** A conforming server in a process of its own. */
export interface Upstream {
  readonly url: string;
  tools(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function startUpstream(script: string): Promise<Upstream> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening (\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      tools: () => toolsAt(url),
      async stop() {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }
  throw new Error(`${script} ended before it listened`);
}

async function toolsAt(url: string): Promise<readonly string[]> {
  const client = new Client({ name: 'conformance', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}
