import { join } from 'node:path';
import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentHttp,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as CurrentStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ROOT } from '../../source-tree.ts';
import type { GovernedInstance } from '../instance.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number }) => void;
}

/** What the journeys do with a client, whichever SDK, transport and generation it is. */
export interface McpClient {
  readonly version: string | undefined;
  tools(): Promise<readonly string[]>;
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<object>;
  resources(): Promise<readonly string[]>;
  read(uri: string): Promise<object>;
  prompts(): Promise<readonly string[]>;
  prompt(name: string, args: Record<string, string>): Promise<object>;
  close(): Promise<void>;
}

/** `upstream` is null for the common path. */
type Connect = (instance: GovernedInstance, upstream: string | null) => Promise<McpClient>;

const ABOUT = { name: 'journey', version: '1' };

const address = (instance: GovernedInstance, upstream: string | null) =>
  new URL(`${instance.url}/mcp${upstream === null ? '' : `/${upstream}`}`);
const bearer = (instance: GovernedInstance) => ({
  requestInit: { headers: { authorization: `Bearer ${instance.token}` } },
});
/** `./lanyard mcp`, which is what a person puts into a client's settings. */
const command = (instance: GovernedInstance, upstream: string | null) => ({
  command: join(ROOT, 'lanyard'),
  args: ['mcp', upstream ?? '', '--agent', 'writer', '-c', instance.ground.config],
  env: { PATH: process.env['PATH'] ?? '', LANYARD_TOKEN: instance.token },
});

type OlderTransport = Parameters<OlderClient['connect']>[0];

async function olderOver(transport: OlderTransport, pinned?: string): Promise<McpClient> {
  const client = new OlderClient(ABOUT);
  if (pinned !== undefined) offerOnly(transport, pinned);
  await client.connect(transport);
  return faceOf(client, pinned ?? '2025-11-25', (name, args, options) =>
    client.callTool({ name, arguments: args }, undefined, options),
  );
}

/** This SDK always offers its newest version: what it offers is changed on the way out. */
function offerOnly(transport: OlderTransport, version: string): void {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if ('method' in message && message.method === 'initialize')
      message = { ...message, params: { ...message.params, protocolVersion: version } };
    return send(message, options);
  };
}

async function currentOver(
  transport: CurrentHttp | CurrentStdio,
  mode: 'auto' | 'legacy',
): Promise<McpClient> {
  const client = new CurrentClient(ABOUT, { versionNegotiation: { mode } });
  await client.connect(transport);
  return faceOf(client, client.getNegotiatedProtocolVersion(), (name, args, options) =>
    client.callTool({ name, arguments: args }, options),
  );
}

function faceOf(
  client: OlderClient | CurrentClient,
  version: string | undefined,
  call: McpClient['call'],
): McpClient {
  return {
    version,
    call,
    tools: () =>
      everyPage(async (page) => {
        const { tools, nextCursor } = await client.listTools(page);
        return [tools.map(({ name }) => name), nextCursor];
      }),
    resources: () =>
      everyPage(async (page) => {
        const { resources, nextCursor } = await client.listResources(page);
        return [resources.map(({ uri }) => uri), nextCursor];
      }),
    prompts: () =>
      everyPage(async (page) => {
        const { prompts, nextCursor } = await client.listPrompts(page);
        return [prompts.map(({ name }) => name), nextCursor];
      }),
    read: (uri) => client.readResource({ uri }),
    prompt: (name, args) => client.getPrompt({ name, arguments: args }),
    close: () => client.close(),
  };
}

async function everyPage(
  ask: (page?: { cursor: string }) => Promise<[readonly string[], string | undefined]>,
): Promise<readonly string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const [some, next] = await ask(cursor === undefined ? undefined : { cursor });
    names.push(...some);
    cursor = next;
  } while (cursor !== undefined);
  return names;
}

// Its `sessionId` is declared as possibly undefined and its interface's is not.
const olderHttp = (instance: GovernedInstance, upstream: string | null) =>
  new OlderHttp(address(instance, upstream), bearer(instance)) as OlderTransport;

export const CLIENTS: readonly (readonly [name: string, version: string, connect: Connect])[] = [
  ['SDK 1.x, HTTP', '2025-11-25', (instance, upstream) => olderOver(olderHttp(instance, upstream))],
  [
    'SDK 1.x, HTTP, offering 2025-06-18',
    '2025-06-18',
    (instance, upstream) => olderOver(olderHttp(instance, upstream), '2025-06-18'),
  ],
  [
    'SDK 2.x, HTTP',
    '2026-07-28',
    (instance, upstream) =>
      currentOver(new CurrentHttp(address(instance, upstream), bearer(instance)), 'auto'),
  ],
  [
    'SDK 2.x, HTTP, older generation',
    '2025-11-25',
    (instance, upstream) =>
      currentOver(new CurrentHttp(address(instance, upstream), bearer(instance)), 'legacy'),
  ],
  [
    'SDK 1.x, stdio',
    '2025-11-25',
    (instance, upstream) => olderOver(new OlderStdio(command(instance, upstream))),
  ],
  [
    'SDK 2.x, stdio',
    '2026-07-28',
    (instance, upstream) => currentOver(new CurrentStdio(command(instance, upstream)), 'auto'),
  ],
  [
    'SDK 2.x, stdio, older generation',
    '2025-11-25',
    (instance, upstream) => currentOver(new CurrentStdio(command(instance, upstream)), 'legacy'),
  ],
];
