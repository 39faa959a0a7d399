import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One effect that an upstream was asked for. */
export interface Seen {
  readonly upstream: string;
  readonly method: string;
  readonly name?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The upstreams behind the gateway (canary.mjs), and what they were asked for. */
export interface Canary {
  /** `<url>/<upstream>/mcp` are its servers. */
  readonly url: string;
  /** Since the last time. */
  seen(): Promise<readonly Seen[]>;
  turn(to: string): Promise<void>;
  stop(): Promise<void>;
}

export const UPSTREAMS = ['box', 'vault', 'turncoat', 'hostile'] as const;

export async function startCanary(): Promise<Canary> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'canary.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening (\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      seen: async () => (await (await fetch(`${url}/received`)).json()) as readonly Seen[],
      async turn(to) {
        await fetch(`${url}/turn/${to}`, { method: 'POST' });
      },
      async stop() {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }
  throw new Error('the canary ended before it listened');
}
