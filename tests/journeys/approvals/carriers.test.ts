import { join } from 'node:path';
import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentHttp,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as CurrentStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, RULES } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';
import { until } from '../tasks/ground.ts';

/** An approved call of real clients of each generation, over each of their transports, by each way that keeps them from timing out. */

const ASKS = `@id("tells") @review("owner") forbid (principal, action == Action::"mcp:box/tell", resource);
`;
/** Shorter than anybody answers: a client that is not told in the meantime gives up. */
const PATIENCE = { timeout: 20_000, resetTimeoutOnProgress: true };

let ground: OperatorGround;
let ada: PersonAtBrowser;
let url: string;
let token: string;

beforeAll(async () => {
  ground = new OperatorGround();
  const port = await freePort();
  ground.write('rules.cedar', RULES + ASKS);
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
      approvals: 'approvals: { hold: 5m }',
    }),
  );
  const running = await ground.up();
  url = await running.url();
  token = await ground.token();
  ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
}, 60_000);
const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((client) => client.close())));
afterAll(async () => {
  expect((await ground.run('log verify --deep')).code).toBe(0);
  await ground.remove();
});

const ABOUT = { name: 'journey', version: '1' };
const bearer = () => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });
const address = () => new URL(`${url}/mcp/box`);
const command = () => ({
  command: join(ROOT, 'lanyard'),
  args: ['mcp', 'box', '--agent', 'writer', '-c', ground.config],
  env: { PATH: process.env['PATH'] ?? '', LANYARD_TOKEN: token },
});
type OlderTransport = Parameters<OlderClient['connect']>[0];

async function older(kind: string): Promise<OlderClient> {
  const client = new OlderClient(ABOUT, { capabilities: {} });
  open.push(client);
  const transport = kind === 'HTTP' ? new OlderHttp(address(), bearer()) : new OlderStdio(command());
  await client.connect(transport as OlderTransport);
  return client;
}

/** Who only speaks 2026-07-28: the SDK's own choice is the older generation. */
async function current(kind: string, capabilities: object = {}): Promise<CurrentClient> {
  const client = new CurrentClient(ABOUT, {
    capabilities,
    versionNegotiation: { mode: { pin: '2026-07-28' } },
  });
  open.push(client);
  await client.connect(kind === 'HTTP' ? new CurrentHttp(address(), bearer()) : new CurrentStdio(command()));
  return client;
}

/** Ada says yes to the question about this note, once there is one; its name. */
async function approve(id: string): Promise<string> {
  const found = await until<Body>(
    async () =>
      ((await ada.get('/v1/approvals')).body as Body[]).find(({ state }: Body) => state === 'waiting') ??
      null,
    (row) => row !== null,
  );
  const view = (await ada.get(`/v1/approvals/${found.approval}`)).body;
  expect(JSON.parse(view.editable)).toEqual({ id });
  expect(await ada.do(`/v1/approvals/${view.approval}/approve`, { digest: view.digest })).toMatchObject({
    status: 200,
    body: { state: 'approved' },
  });
  return view.approval;
}

/** It was approved, spent and run, each once. */
async function ranOnce(approval: string): Promise<void> {
  const [spent, ...others] = (await ground.entries('approval.spent')).filter(
    (one) => one['approval'] === approval,
  );
  expect(others).toEqual([]);
  const ended = (await ground.entries('action.outcome')).filter((one) => one['action'] === spent?.['action']);
  expect(ended).toMatchObject([{ outcome: 'ok' }]);
}

const DONE = { content: [{ type: 'text', text: 'nothing' }] };

describe.each(['HTTP', 'stdio'])('P5 an approved call over %s', (kind) => {
  it('of the older generation is held, and its client told meanwhile', async () => {
    const client = await older(kind);
    const told: string[] = [];
    const heard = Promise.withResolvers<void>();
    const call = client.callTool({ name: 'tell', arguments: { id: `o-${kind}` } }, undefined, {
      ...PATIENCE,
      onprogress: ({ message }) => {
        told.push(message ?? '');
        // Again and again, which is what keeps a client from giving up: waited for once, it takes its time.
        if (told.length > 1 || kind === 'HTTP') heard.resolve();
      },
    });
    await heard.promise;
    const approval = await approve(`o-${kind}`);
    expect(await call).toMatchObject(DONE);
    expect(told[0]).toContain(`Waiting for a person to answer (${approval})`);
    await ranOnce(approval);
  });

  it('of 2026-07-28 is held, where its client can be sent nowhere', async () => {
    const client = await current(kind);
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const call = client.callTool({ name: 'tell', arguments: { id: `c-${kind}` } });
    const approval = await approve(`c-${kind}`);
    expect(await call).toMatchObject(DONE);
    await ranOnce(approval);
  });

  it('of 2026-07-28 sends its client to the page of the question, and goes on when it comes back', async () => {
    const client = await current(kind, { elicitation: { url: {}, form: {} } });
    const opened: Body[] = [];
    let approval = '';
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      opened.push(params);
      approval = await approve(`u-${kind}`);
      return { action: 'accept' };
    });
    expect(await client.callTool({ name: 'tell', arguments: { id: `u-${kind}` } })).toMatchObject(DONE);
    expect(opened).toMatchObject([{ mode: 'url', url: `${ada.origin}/approvals/${approval}` }]);
    await ranOnce(approval);
  });

  it('of 2025-11-25 as a task: its client has it at once, asks how it stands, and gets the result', async () => {
    const client = await older(kind);
    const params = { name: 'tell', arguments: { id: `t-${kind}` } };
    const messages: { readonly type: string; readonly [member: string]: unknown }[] = [];
    let approving: Promise<string> | null = null;
    for await (const message of client.experimental.tasks.callToolStream(params, CallToolResultSchema, {
      task: {},
    })) {
      messages.push({ ...message });
      if (message.type === 'taskCreated') approving = approve(`t-${kind}`);
    }
    expect(messages[0]).toMatchObject({ type: 'taskCreated', task: { status: 'working' } });
    expect(messages.at(-1)).toMatchObject({ type: 'result', result: DONE });
    await ranOnce((await approving) ?? '');
  });
});
