import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { current, older } from '../../doors/agents/running-door.ts';
import { inSession, openStream, type Stream } from '../../events/open-stream.ts';
import { type HttpFixture, startHttpFixture } from '../../fixtures/upstreams/start.ts';
import { type LogEntry, OperatorGround, RULES, type Running } from '../operator-ground.ts';
import { type Body, freePort } from '../people-ground.ts';
import { raw } from '../tasks/ground.ts';
import { ProgramRun } from './program-run.ts';

/** The token that a program under `run` is given, in the hands of whoever has it: at every door, and after the run. */

let ground: OperatorGround;
let running: Running;
let modern: HttpFixture;
let parent: string;
let wayOut: number;
let runs = 0;

/** Says back what it hears. */
const echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
const echoAt = () => `127.0.0.1:${(echo.address() as AddressInfo).port}`;

beforeAll(async () => {
  ground = new OperatorGround();
  modern = await startHttpFixture('tasking-modern.mjs');
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  wayOut = await freePort();
  ground.write(
    'rules.cedar',
    `${RULES}@id("named") @need("x")
permit (principal, action == Action::"http:CONNECT", resource == Host::"${echoAt()}");
`,
  );
  ground.write(
    'catalog.yaml',
    ['look', 'wait', 'tell', 'slow_compute'].reduce(
      (all, name) =>
        `${all}  ${name}: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }\n`,
      'catalog: plain\noperations:\n',
    ),
  );
  const upstreams = { box: ground.upstream(), modern: { url: modern.url, catalog: 'plain' } };
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      egress: `egress: 127.0.0.1:${wayOut}`,
      upstreams: `upstreams: ${JSON.stringify(upstreams)}`,
      approvals: 'approvals: { hold: 10m }',
    }),
  );
  running = await ground.up();
  await running.url();
  parent = await ground.token();
});
afterAll(async () => {
  await ground.remove();
  await modern.stop();
  echo.close();
});

interface Begun {
  readonly run: ProgramRun;
  readonly token: string;
  /** Its own way out. */
  readonly proxy: number;
}

/** A program that does nothing but be there; what its token is good for is tried from outside. */
async function begin(): Promise<Begun> {
  const cwd = join(ground.directory, `run-${runs++}`);
  mkdirSync(cwd);
  const flags = ['--no-namespaces', '--no-cgroup'];
  const script = 'echo "$LANYARD_TOKEN $HTTPS_PROXY ."; while :; do sleep 0.05; done';
  const run = new ProgramRun(ground, 'writer', parent, flags, ['sh', '-c', script], cwd);
  await expect.poll(() => run.stdout, { timeout: 60_000 }).toContain(' .');
  const [, token = '', proxy = ''] = /^(\S+) \S+:(\d+)\/? \.$/m.exec(run.stdout) ?? [];
  expect(token).toMatch(/^lyd_/);
  return { run, token, proxy: Number(proxy) };
}

const url = () => running.url();
const portOf = async () => Number(new URL(await url()).port);
const headersOf = (token: string, headers: Body) => ({
  ...headers,
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
});

/** One request of 2026-07-28: its status, and what it was answered, as text. */
async function request(token: string, path: string, name: string, args: Body = { id: 'a' }) {
  const { headers, body } = current('tools/call', { name, arguments: args }, 1);
  const init = { method: 'POST', headers: headersOf(token, headers), body: String(body) };
  try {
    const response = await fetch(`${await url()}/mcp/${path}`, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    // The instance was killed meanwhile.
    return { status: 0, text: String(error) };
  }
}

async function evaluate(token: string): Promise<{ status: number; json: Body }> {
  const question = {
    subject: { type: 'Agent', id: 'writer' },
    action: { name: 'mcp:box/look' },
    resource: { type: 'Target', id: 'box' },
    context: { input: { id: 'a' } },
  };
  const init = { method: 'POST', headers: headersOf(token, {}), body: JSON.stringify(question) };
  const response = await fetch(`${await url()}/access/v1/evaluation`, init);
  return { status: response.status, json: await response.json() };
}

interface Tunnel {
  readonly head: string;
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
}

async function tunnel(proxy: number, token: string): Promise<Tunnel> {
  const socket = connect(proxy, '127.0.0.1').on('error', () => undefined);
  const closed = new Promise<void>((done) => socket.on('close', () => done()));
  const auth = `Proxy-Authorization: Basic ${btoa(`run:${token}`)}\r\n`;
  socket.write(`CONNECT ${echoAt()} HTTP/1.1\r\nHost: ${echoAt()}\r\n${auth}\r\n`);
  let head = '';
  socket.on('data', (chunk) => (head += String(chunk)));
  await Promise.race([expect.poll(() => head, { timeout: 60_000 }).toContain('\r\n\r\n'), closed]);
  return { head, socket, closed };
}
const statusOf = ({ head }: Tunnel) => Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1] ?? 0);

/** What is told unasked, in both generations. */
async function listeners(token: string): Promise<readonly Stream[]> {
  const port = await portOf();
  const { headers, body } = current('subscriptions/listen', { notifications: { toolsListChanged: true } }, 1);
  const listening = await openStream(port, headersOf(token, headers), '/mcp/box', String(body));
  await listening.holds('acknowledged');
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const init = older(undefined, { id: 1, method: 'initialize', params });
  const made = await fetch(`${await url()}/mcp/box`, {
    method: 'POST',
    headers: headersOf(token, { 'mcp-protocol-version': '2025-11-25' }),
    body: String(init.body),
  });
  await made.text();
  const session = made.headers.get('mcp-session-id') ?? '';
  return [
    listening,
    await openStream(port, { ...inSession(session), authorization: `Bearer ${token}` }, '/mcp/box'),
  ];
}

/** Everything that a run may have open by its token: calls of a server and of the built-in one, tunnels, a task. */
async function openAll({ token, proxy }: Begun) {
  const decided = async (operation: string) =>
    (await ground.entries('action.decided')).filter(
      (one) => one['operation'] === operation && one['decision'] === 'allow',
    );
  const [calls, asks] = [await decided('mcp:box/wait'), await decided('mcp:lanyard/ask_person')];
  const call = request(token, 'box', 'wait');
  const question = { question: `Is this all right (${runs})?` };
  const asking = request(token, 'lanyard', 'ask_person', question);
  const tunnels = [await tunnel(wayOut, token), await tunnel(proxy, token)];
  expect(tunnels.map(statusOf)).toEqual([200, 200]);
  const made = await raw({ url: await url(), token }, 'tools/call', {
    name: 'slow_compute',
    arguments: { seconds: 600 },
  });
  expect(made.result['resultType']).toBe('task');
  await expect.poll(() => decided('mcp:box/wait'), { timeout: 60_000 }).toHaveLength(calls.length + 1);
  await expect
    .poll(() => decided('mcp:lanyard/ask_person'), { timeout: 60_000 })
    .toHaveLength(asks.length + 1);
  const actions = [
    ...(await decided('mcp:box/wait')).slice(-1),
    ...(await decided('mcp:lanyard/ask_person')).slice(-1),
    ...(await decided('mcp:modern/slow_compute')).slice(-1),
    ...(await decided('http:CONNECT')).slice(-2),
  ].map(({ action }) => String(action));
  return { call, asking, tunnels, task: String(made.result['taskId']), actions };
}

const endsOf = async (actions: readonly string[]) => {
  const ends = await ground.entries('action.outcome');
  return actions.map((action) => {
    const end: LogEntry | undefined = ends.find((one) => one['action'] === action);
    return end === undefined ? 'open' : `${end['operation']} ${end['outcome']} ${end['code'] ?? ''}`.trim();
  });
};

/** Of the built-in server's a question was put, which is all that it does. A tunnel is told from what cuts it. */
const endedBy = (code: string, tunnel: unknown) => [
  `mcp:box/wait unknown ${code}`,
  'mcp:lanyard/ask_person ok',
  `mcp:modern/slow_compute unknown ${code}`,
  ...[1, 2].map(() => (typeof tunnel === 'string' ? `http:CONNECT unknown ${tunnel}` : tunnel)),
];

/** Tasks that were cancelled at their server. */
const cancelled = async () =>
  (await modern.received()).filter(({ body }) => body?.method === 'tasks/cancel').length;

/** Whoever comes with it now is nobody, at each door. */
async function expectRefused({ token, proxy }: Begun, isRunOver: boolean): Promise<void> {
  expect((await request(token, 'box', 'look')).status).toBe(401);
  expect((await request(token, 'lanyard', 'what_may_i_do', {})).status).toBe(401);
  expect((await raw({ url: await url(), token }, 'tasks/get', { taskId: 'x' })).status).toBe(401);
  expect((await evaluate(token)).status).toBe(401);
  expect(statusOf(await tunnel(wayOut, token))).toBe(407);
  if (isRunOver) expect(statusOf(await tunnel(proxy, token))).toBe(0);
}

const operate = (route: string, body: Record<string, string>) =>
  ask(ground.config, `POST /v1/${route}`, body);

/** As a program asks a proxy for `http:`, in the name of whoever the address of the proxy names. */
async function plainly(proxy: number, token: string) {
  const authorization = { 'proxy-authorization': `Basic ${btoa(`run:${token}`)}` };
  const asked = get({ port: proxy, path: 'http://elsewhere.example/', headers: authorization });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const { error } = JSON.parse(await text(answer)) as { error: { code: string } };
  return { status: answer.statusCode, allow: answer.headers.allow, code: error.code };
}

describe('the token of a run', () => {
  it('is not what is wrong with a request that is no tunnel, at its way out', async () => {
    const { run, token, proxy } = await begin();
    const refused = { status: 405, allow: 'CONNECT', code: 'TUNNELS_ONLY' };
    expect(await plainly(proxy, token)).toEqual(refused);
    expect(await plainly(wayOut, token)).toEqual(refused);
    run.child.kill();
    await run.ended;
  });

  it('P4 frozen does nothing, hears nothing, and has nothing open; released it is good again', async () => {
    const begun = await begin();
    const { token } = begun;
    const heard = await listeners(token);
    const open = await openAll(begun);
    const before = await cancelled();
    await operate('stop', { scope: 'agent:writer', level: 'frozen' });
    await Promise.all([open.call, open.asking, ...open.tunnels.map(({ closed }) => closed)]);
    await expect.poll(() => endsOf(open.actions), { timeout: 60_000 }).not.toContain('open');
    expect(await endsOf(open.actions)).toEqual(endedBy('STOPPED', 'STOPPED'));
    await expect.poll(cancelled, { timeout: 60_000 }).toBe(before + 1);

    expect((await request(token, 'box', 'look')).text).toContain('"code":"FROZEN"');
    expect((await request(token, 'lanyard', 'what_may_i_do', {})).text).toContain('"code":"FROZEN"');
    expect((await evaluate(token)).json).toMatchObject({ decision: false, context: { code: 'FROZEN' } });
    const denied = await tunnel(wayOut, token);
    expect(denied.head).toContain('403');
    // What it is shown has changed meanwhile: that is told when it may hear again.
    ground.write(
      'rules.cedar',
      `${ground.read('rules.cedar')}@id("no-tell") forbid (principal, action == Action::"mcp:box/tell", resource);
`,
    );
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    for (const stream of heard) expect(stream.text()).not.toContain('list_changed');
    await operate('release', { scope: 'agent:writer', why: 'tested' });
    for (const stream of heard)
      await expect.poll(() => stream.text(), { timeout: 60_000 }).toContain('tools/list_changed');
    expect((await request(token, 'box', 'look')).text).toContain('done');
    begun.run.child.kill('SIGTERM');
    await begun.run.ended;
  });

  it('P4 is over with its run, and with it all that was begun by it, whoever holds that', async () => {
    const begun = await begin();
    const heard = await listeners(begun.token);
    const open = await openAll(begun);
    const before = await cancelled();
    begun.run.child.kill('SIGTERM');
    await begun.run.ended;
    await expectRefused(begun, true);
    const [call, asking] = await Promise.all([open.call, open.asking]);
    expect(call.text).toContain('RUN_ENDED');
    expect(asking.text).toContain('"state":"waiting"');
    await Promise.all([...heard.map(({ ended }) => ended), ...open.tunnels.map(({ closed }) => closed)]);
    await expect.poll(() => endsOf(open.actions), { timeout: 60_000 }).not.toContain('open');
    expect(await endsOf(open.actions)).toEqual(endedBy('RUN_ENDED', expect.any(String)));
    await expect.poll(cancelled, { timeout: 60_000 }).toBe(before + 1);
    // The one that it was exchanged for is good still.
    expect((await request(parent, 'box', 'look')).text).toContain('done');
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'P4 a task of it ends with it over a %s of the instance too, and one of no run goes on',
    async (signal) => {
      const begun = await begin();
      const open = await openAll(begun);
      const own = await raw({ url: await url(), token: parent }, 'tools/call', {
        name: 'slow_compute',
        arguments: { seconds: 600 },
      });
      const before = await cancelled();
      await running.end(signal);
      await begun.run.ended;
      running = await ground.up();
      await running.url();
      const [, , task = ''] = open.actions;
      await expect
        .poll(() => endsOf([task]), { timeout: 60_000 })
        .toEqual(['mcp:modern/slow_compute unknown RUN_ENDED']);
      expect(await cancelled()).toBe(before + 1);
      const seen = await raw({ url: await url(), token: parent }, 'tasks/get', {
        taskId: String(own.result['taskId']),
      });
      expect(seen.result['status']).toBe('working');
      expect((await request(begun.token, 'box', 'look')).status).toBe(401);
      await raw({ url: await url(), token: parent }, 'tasks/cancel', {
        taskId: String(own.result['taskId']),
      });
    },
  );

  it('P4 killed is nobody’s, and nothing of it is left', async () => {
    const begun = await begin();
    const heard = await listeners(begun.token);
    const open = await openAll(begun);
    await operate('stop', { scope: 'agent:writer', level: 'killed' });
    await expectRefused(begun, true);
    await Promise.all([
      open.call,
      open.asking,
      begun.run.ended,
      ...heard.map(({ ended }) => ended),
      ...open.tunnels.map(({ closed }) => closed),
    ]);
    await expect.poll(() => endsOf(open.actions), { timeout: 60_000 }).not.toContain('open');
    expect(await ground.run('log verify --deep')).toMatchObject({ code: 0 });
  });
});
