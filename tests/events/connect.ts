import { join } from 'node:path';
import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentHttp,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as CurrentStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { LogLevel } from '../../src/model/log-level.ts';
import { ROOT } from '../source-tree.ts';
import type { EventGround } from './ground.ts';

/** Clients that hear what a server tells unasked: each SDK in its own generation, over each transport. */
export const CLIENTS = ['SDK 1.x, HTTP', 'SDK 1.x, stdio', 'SDK 2.x, HTTP', 'SDK 2.x, stdio'] as const;
type ClientKind = (typeof CLIENTS)[number];

export interface Heard {
  readonly method: string;
  readonly params?: Record<string, unknown> | undefined;
}

export interface ListeningClient {
  /** Every notification besides progress, in the order in which they came. */
  readonly heard: readonly Heard[];
  /** Resolves when what was heard holds one that fits. */
  hears(wanted: (heard: Heard) => boolean): Promise<Heard>;
  /** For the older generation the session's level; for 2026-07-28 that of each call from here on. */
  setLogLevel(level: LogLevel): Promise<void>;
  /** Subscribes to each; answers those that were let through. In 2026-07-28 also to every list. */
  subscribe(...uris: readonly string[]): Promise<readonly string[]>;
  unsubscribe(uri: string): Promise<void>;
  call(name: string, args: Record<string, unknown>): Promise<object>;
  completePrompt(name: string, argument: string, value: string): Promise<readonly string[]>;
  completeTemplate(
    uri: string,
    argument: string,
    value: string,
    others?: Record<string, string>,
  ): Promise<readonly string[]>;
  close(): Promise<void>;
}

const ABOUT = { name: 'client', version: '1' };

const address = (ground: EventGround, upstream: string | null) =>
  new URL(`${ground.instance.url}/mcp${upstream === null ? '' : `/${upstream}`}`);
const bearer = (token: string) => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
});
const command = (ground: EventGround, upstream: string | null, token: string) => ({
  command: join(ROOT, 'lanyard'),
  args: ['mcp', upstream ?? '', '--agent', token === ground.token ? 'writer' : 'other', '-c', ground.config],
  env: { PATH: process.env['PATH'] ?? '', LANYARD_TOKEN: token },
});

/** `token`: another one than the writer's is taken for one of the agent `other`. */
export function connectClient(
  ground: EventGround,
  kind: ClientKind,
  upstream: string | null,
  token = ground.token,
): Promise<ListeningClient> {
  if (kind === 'SDK 1.x, HTTP' || kind === 'SDK 1.x, stdio') return older(ground, kind, upstream, token);
  return current(ground, kind, upstream, token);
}

type OlderTransport = Parameters<OlderClient['connect']>[0];

async function older(
  ground: EventGround,
  kind: ClientKind,
  upstream: string | null,
  token: string,
): Promise<ListeningClient> {
  const client = new OlderClient(ABOUT);
  const transport =
    kind === 'SDK 1.x, HTTP'
      ? (new OlderHttp(address(ground, upstream), bearer(token)) as OlderTransport)
      : new OlderStdio(command(ground, upstream, token));
  await client.connect(transport);
  return {
    ...faceOf(client),
    ...listenWith(client),
    async setLogLevel(level) {
      await client.setLoggingLevel(level);
    },
    async subscribe(...uris) {
      for (const uri of uris) await client.subscribeResource({ uri });
      return uris;
    },
    async unsubscribe(uri) {
      await client.unsubscribeResource({ uri });
    },
    call: (name, args) => client.callTool({ name, arguments: args }),
  };
}

async function current(
  ground: EventGround,
  kind: ClientKind,
  upstream: string | null,
  token: string,
): Promise<ListeningClient> {
  const client = new CurrentClient(ABOUT, { versionNegotiation: { mode: 'auto' } });
  await client.connect(
    kind === 'SDK 2.x, HTTP'
      ? new CurrentHttp(address(ground, upstream), bearer(token))
      : new CurrentStdio(command(ground, upstream, token)),
  );
  let level: LogLevel | undefined;
  let listening: Awaited<ReturnType<typeof client.listen>> | undefined;
  return {
    ...faceOf(client),
    ...listenWith(client),
    async subscribe(...uris) {
      listening = await client.listen({
        toolsListChanged: true,
        resourcesListChanged: true,
        promptsListChanged: true,
        ...(uris.length === 0 ? {} : { resourceSubscriptions: [...uris] }),
      });
      return listening.honoredFilter.resourceSubscriptions ?? [];
    },
    async unsubscribe() {
      await listening?.close();
    },
    async setLogLevel(wanted) {
      level = wanted;
    },
    call: (name, args) => {
      const _meta = level === undefined ? {} : { _meta: { 'io.modelcontextprotocol/logLevel': level } };
      return client.callTool({ name, arguments: args, ..._meta });
    },
  };
}

function listenWith(client: OlderClient | CurrentClient): Pick<ListeningClient, 'heard' | 'hears'> {
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  client.fallbackNotificationHandler = async (notification: Heard) => {
    heard.push(notification);
    for (const look of [...waiting]) look();
  };
  const hears = (wanted: (heard: Heard) => boolean) =>
    new Promise<Heard>((resolve) => {
      const look = () => {
        const found = heard.find(wanted);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { heard, hears };
}

function faceOf(
  client: OlderClient | CurrentClient,
): Pick<ListeningClient, 'completePrompt' | 'completeTemplate' | 'close'> {
  return {
    async completePrompt(name, argument, value) {
      const ref = { type: 'ref/prompt' as const, name };
      const { completion } = await client.complete({ ref, argument: { name: argument, value } });
      return completion.values;
    },
    async completeTemplate(uri, argument, value, others) {
      const ref = { type: 'ref/resource' as const, uri };
      const context = others === undefined ? {} : { context: { arguments: others } };
      const { completion } = await client.complete({ ref, argument: { name: argument, value }, ...context });
      return completion.values;
    },
    close: () => client.close(),
  };
}
