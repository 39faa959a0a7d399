import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentTransport,
} from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningDoor, startDoor } from './running-door.ts';

/** What the tests do with a client, whichever SDK and generation it is. */
interface Agent {
  readonly generation: '2026' | '2025';
  listTools(): Promise<readonly string[]>;
  call(
    name: string,
    options?: { signal?: AbortSignal; onprogress?: (progress: unknown) => void },
  ): Promise<unknown>;
  read(uri: string): Promise<unknown>;
  prompt(name: string, who: string): Promise<unknown>;
  instructions(): string | undefined;
  close(): Promise<void>;
}

const ABOUT = { name: 'test', version: '1' };

function older(url: string, token: string): Promise<Agent> {
  const client = new OlderClient(ABOUT);
  const transport = new OlderTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  const agent: Agent = {
    generation: '2025',
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: (name, options = {}) => client.callTool({ name, arguments: { text: 'hello' } }, undefined, options),
    read: (uri) => client.readResource({ uri }),
    prompt: (name, who) => client.getPrompt({ name, arguments: { who } }),
    instructions: () => client.getInstructions(),
    close: async () => {
      await transport.terminateSession();
      await client.close();
    },
  };
  // Its `sessionId` is declared as possibly undefined and its interface's is not.
  return client.connect(transport as Parameters<typeof client.connect>[0]).then(() => agent);
}

async function current(url: string, token: string, mode: 'auto' | 'legacy'): Promise<Agent> {
  const client = new CurrentClient(ABOUT, { versionNegotiation: { mode } });
  const transport = new CurrentTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return {
    generation: mode === 'auto' ? '2026' : '2025',
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: (name, options = {}) => client.callTool({ name, arguments: { text: 'hello' } }, options),
    read: (uri) => client.readResource({ uri }),
    prompt: (name, who) => client.getPrompt({ name, arguments: { who } }),
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

const CLIENTS: readonly (readonly [string, (url: string, token: string) => Promise<Agent>])[] = [
  ['SDK 1.x', older],
  ['SDK 2.x, 2025 generation', (url, token) => current(url, token, 'legacy')],
  ['SDK 2.x, 2026-07-28', (url, token) => current(url, token, 'auto')],
];

describe.each(CLIENTS)('%s', (_name, connect) => {
  let door: RunningDoor;
  beforeAll(async () => {
    door = await startDoor();
  });
  afterAll(() => door.stop());
  beforeEach(() => {
    door.corridor.seen.length = 0;
    door.corridor.refusals.length = 0;
  });
  const onFiles = () => connect(`${door.url}/mcp/files`, 'token-writer');

  it('connects, lists, and has an allowed and a denied call', async () => {
    const agent = await onFiles();
    expect(agent.instructions()).toBe('Files live here.');
    expect(await agent.listTools()).toContain('echo');
    expect(await agent.call('echo')).toMatchObject({ content: [{ type: 'text', text: 'hello' }] });
    expect(await agent.call('secret')).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: expect.stringContaining('no-secrets') }],
      _meta: { 'dev.lanyard/decision': { code: 'FORBIDDEN', rules: ['no-secrets'] } },
    });
    expect(door.corridor.seen.map((seen) => seen.generation)).toEqual([agent.generation, agent.generation]);
    expect(door.corridor.refusals).toEqual([]);
    await agent.close();
  });

  it('reads, is denied a read, and gets a prompt', async () => {
    const agent = await onFiles();
    expect(await agent.read('file:///a.txt')).toMatchObject({ contents: [{ text: 'read' }] });
    await expect(agent.read('file:///secret.txt')).rejects.toThrow(/Secrets stay where they are/);
    expect(JSON.stringify(await agent.prompt('greet', 'Ada'))).toContain('Hello Ada');
    await agent.close();
  });

  it('sees progress', async () => {
    const agent = await onFiles();
    const told: unknown[] = [];
    const begun = door.corridor.next('begun');
    const running = agent.call('slow', { onprogress: (progress) => told.push(progress) });
    await begun;
    door.corridor.finishSlow();
    expect(await running).toMatchObject({ content: [{ text: 'slow but done' }] });
    expect(told).toMatchObject([{ progress: 1, message: 'half' }, { progress: 2 }]);
    await agent.close();
  });

  it('cancels', async () => {
    const agent = await onFiles();
    const controller = new AbortController();
    const [begun, aborted] = [door.corridor.next('begun'), door.corridor.next('aborted')];
    const running = agent.call('slow', { signal: controller.signal }).catch((fault: unknown) => fault);
    await begun;
    controller.abort();
    await aborted;
    expect(await running).toBeInstanceOf(Error);
    expect(await agent.call('echo')).toMatchObject({ content: [{ text: 'hello' }] });
    await agent.close();
  });

  it('does not get in with a wrong token', async () => {
    await expect(connect(`${door.url}/mcp/files`, 'nonsense')).rejects.toThrow();
    expect(door.corridor.seen).toEqual([]);
  });

  it('works on the common path', async () => {
    const agent = await connect(`${door.url}/mcp`, 'token-writer');
    expect(agent.instructions()).toBe('files__*: Files live here.');
    expect(await agent.listTools()).toEqual(
      expect.arrayContaining(['files__echo', 'wiki__search', 'wiki___odd']),
    );
    expect(await agent.call('wiki___odd')).toMatchObject({ content: [{ text: 'hello' }] });
    expect(door.corridor.seen.at(-1)?.attempt).toMatchObject({ upstream: 'wiki', name: '_odd' });
    await expect(agent.call('gone__echo')).resolves.toBeDefined();
    await expect(agent.call('echo')).rejects.toThrow(/no tool "echo"/);
    await expect(agent.call('nobody__echo')).rejects.toThrow(/no tool "nobody__echo"/);
    await agent.close();
  });
});
