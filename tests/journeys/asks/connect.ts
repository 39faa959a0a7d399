import { join } from 'node:path';
import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentHttp,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as CurrentStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { ROOT } from '../../source-tree.ts';
import type { GovernedInstance } from '../instance.ts';

/** One request that reached the person's client. */
export interface Reached {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A client with a person and a model behind it, and what reached them. */
export interface AskedClient {
  readonly reached: Reached[];
  /** Ids of what it was told to be done (the older generation). */
  readonly completed: string[];
  /** What the person does with a form or an address; replaced by tests. */
  person: (params: Reached['params']) => Promise<object> | object;
  call(name: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<Called>;
  close(): Promise<void>;
}

export interface Called {
  readonly text: string;
  readonly isError?: boolean;
  readonly meta?: Readonly<Record<string, unknown>>;
}

export interface Wanted {
  readonly upstream: string;
  readonly token?: string;
  readonly capabilities?: Readonly<Record<string, object>>;
}

export type ConnectAsked = (instance: GovernedInstance, wanted: Wanted) => Promise<AskedClient>;

const ABOUT = { name: 'asked', version: '1' };
const ALL = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const THOUGHT = {
  role: 'assistant' as const,
  model: 'm',
  content: { type: 'text' as const, text: 'a thought' },
};
/** What no upstream may be told. */
const OWN_ROOTS = { roots: [{ uri: 'file:///home/person', name: 'mine' }] };

const address = (instance: GovernedInstance, { upstream }: Wanted) =>
  new URL(`${instance.url}/mcp/${upstream}`);
const bearer = (instance: GovernedInstance, { token = instance.token }: Wanted) => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
});
const command = (instance: GovernedInstance, { upstream, token = instance.token }: Wanted) => ({
  command: join(ROOT, 'lanyard'),
  args: ['mcp', upstream, '--agent', 'writer', '-c', instance.ground.config],
  env: { PATH: process.env['PATH'] ?? '', LANYARD_TOKEN: token },
});

function calledOf(result: object): Called {
  const { content, isError, _meta } = result as {
    content?: readonly { readonly text?: string }[];
    isError?: boolean;
    _meta?: Record<string, unknown>;
  };
  return {
    text: content?.[0]?.text ?? '',
    ...(isError === undefined ? {} : { isError }),
    ...(_meta === undefined ? {} : { meta: _meta }),
  };
}

type OlderTransport = Parameters<OlderClient['connect']>[0];

async function older(transport: OlderTransport, { capabilities = ALL }: Wanted): Promise<AskedClient> {
  const client = new OlderClient(ABOUT, { capabilities });
  const face: AskedClient = {
    reached: [],
    completed: [],
    person: () => ({ action: 'accept', content: { name: 'Ada' } }),
    call: async (name, args, signal) =>
      calledOf(
        await client.callTool({ name, arguments: args }, undefined, signal === undefined ? {} : { signal }),
      ),
    close: () => client.close(),
  };
  const note = (request: { method: string; params?: object | undefined }) =>
    face.reached.push({ method: request.method, params: { ...request.params } });
  if (capabilities['elicitation'] !== undefined)
    client.setRequestHandler(ElicitRequestSchema, async (request) => {
      note(request);
      return { ...(await face.person({ ...request.params })) } as { action: 'accept' };
    });
  client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) => {
    face.completed.push(params.elicitationId);
  });
  if (capabilities['sampling'] !== undefined)
    client.setRequestHandler(CreateMessageRequestSchema, (request) => {
      note(request);
      return THOUGHT;
    });
  if (capabilities['roots'] !== undefined)
    client.setRequestHandler(ListRootsRequestSchema, (request) => {
      note(request);
      return OWN_ROOTS;
    });
  await client.connect(transport);
  return face;
}

async function current(
  transport: CurrentHttp | CurrentStdio,
  { capabilities = ALL }: Wanted,
): Promise<AskedClient> {
  const client = new CurrentClient(ABOUT, { capabilities, versionNegotiation: { mode: 'auto' } });
  const face: AskedClient = {
    reached: [],
    completed: [],
    person: () => ({ action: 'accept', content: { name: 'Ada' } }),
    call: async (name, args, signal) =>
      calledOf(await client.callTool({ name, arguments: args }, signal === undefined ? {} : { signal })),
    close: () => client.close(),
  };
  const note = (request: { method: string; params?: object | undefined }) =>
    face.reached.push({ method: request.method, params: { ...request.params } });
  if (capabilities['elicitation'] !== undefined)
    client.setRequestHandler('elicitation/create', async (request) => {
      note(request);
      return { ...(await face.person({ ...request.params })) } as { action: 'accept' };
    });
  if (capabilities['sampling'] !== undefined)
    client.setRequestHandler('sampling/createMessage', (request) => {
      note(request);
      return THOUGHT;
    });
  if (capabilities['roots'] !== undefined)
    client.setRequestHandler('roots/list', (request) => {
      note(request);
      return OWN_ROOTS;
    });
  await client.connect(transport);
  return face;
}

export const OLDER_CLIENTS: readonly (readonly [string, ConnectAsked])[] = [
  [
    'SDK 1.x, HTTP',
    (instance, wanted) =>
      older(new OlderHttp(address(instance, wanted), bearer(instance, wanted)) as OlderTransport, wanted),
  ],
  ['SDK 1.x, stdio', (instance, wanted) => older(new OlderStdio(command(instance, wanted)), wanted)],
];

export const CURRENT_CLIENTS: readonly (readonly [string, ConnectAsked])[] = [
  [
    'SDK 2.x, HTTP',
    (instance, wanted) =>
      current(new CurrentHttp(address(instance, wanted), bearer(instance, wanted)), wanted),
  ],
  ['SDK 2.x, stdio', (instance, wanted) => current(new CurrentStdio(command(instance, wanted)), wanted)],
];
