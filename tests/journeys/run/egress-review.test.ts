import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { OperatorGround, RULES } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';

/** Tunnels that a rule lets a person decide on, through a real proxy and with a person who has a passkey. */

const ground = new OperatorGround();
const echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
let ada: PersonAtBrowser;
let [proxy, port] = [0, 0];
let token = '';

beforeAll(async () => {
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = (echo.address() as AddressInfo).port;
  const control = await freePort();
  proxy = await freePort();
  ground.write(
    'rules.cedar',
    `${RULES}@id("out") @need("Tunnels, where a person says so")
permit (principal, action == Action::"http:CONNECT", resource is Host);
@id("here") @need("The test's own server")
permit (principal, action == Action::"http:CONNECT", resource == Host::"127.0.0.1:${port}");
@id("asks") @reason("Nobody looks into a tunnel") @review("owner")
forbid (principal, action == Action::"http:CONNECT", resource);
`,
  );
  const changed = {
    control: `control: 127.0.0.1:${control}`,
    egress: `egress: 127.0.0.1:${proxy}`,
    people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
    approvals: 'approvals: { hold: 10s }',
  };
  ground.write('lanyard.yaml', ground.configuration(changed));
  const running = await ground.up();
  await running.url();
  token = await ground.token();
  ada = new PersonAtBrowser(`http://localhost:${control}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
});
afterAll(async () => {
  await ground.remove();
  echo.close();
});

interface Proxied {
  readonly status: number;
  readonly said: Body;
  readonly socket: Socket;
}

async function tunnel(authority: string): Promise<Proxied> {
  const socket = connect(proxy, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: Bearer ${token}\r\n\r\n`,
  );
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  const isWhole = () => /^HTTP\/1\.1 200[\s\S]*\r\n\r\n/.test(text) || text.endsWith('}\n');
  await expect.poll(() => isWhole() || socket.destroyed, { timeout: 60_000 }).toBe(true);
  const status = Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return { status, said: body === '' ? {} : (JSON.parse(body) as { error: Body }).error, socket };
}

async function waiting(): Promise<Body> {
  for (;;) {
    const { body } = await ada.get('/v1/approvals');
    const found = (body as Body[]).find(({ state }) => state === 'waiting');
    if (found !== undefined) return (await ada.get(`/v1/approvals/${found.approval}`)).body;
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function carries({ socket }: Proxied): Promise<boolean> {
  socket.write('hello');
  const [chunk] = await once(socket, 'data');
  socket.end();
  return String(chunk) === 'hello';
}

describe('P5 a tunnel that a person has to decide on', () => {
  test.each(['localhost', '127.0.0.1'])(
    'to %s is held, asked for by host and port, and opened once she says yes',
    async (host) => {
      const opening = tunnel(`${host}:${port}`);
      const question = await waiting();
      expect(question).toMatchObject({
        operation: 'http:CONNECT',
        targets: [{ type: 'Host', id: `${host}:${port}` }],
      });
      const yes = await ada.do(`/v1/approvals/${question.approval}/approve`, { digest: question.digest });
      expect(yes.status).toBe(200);
      const opened = await opening;
      expect(opened.status).toBe(200);
      expect(await carries(opened)).toBe(true);
      const kinds = [
        'action.decided',
        'approval.asked',
        'approval.answered',
        'approval.spent',
        'action.outcome',
      ];
      const told = async () =>
        (await ground.entries(...kinds)).filter(({ action }) => action === question.action);
      await expect
        .poll(async () => (await told()).at(-1))
        .toMatchObject({
          kind: 'action.outcome',
          outcome: 'ok',
          address: `127.0.0.1:${port}`,
          sent: 5,
        });
      expect((await told()).map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
    },
  );

  test('is denied where nobody answers in time, says how to come back, and opens when it does after the yes', async () => {
    const pending = await tunnel(`localhost:${port}`);
    expect(pending).toMatchObject({ status: 403, said: { code: 'APPROVAL_PENDING' } });
    const question = await waiting();
    expect(pending.said).toMatchObject({ approval: question.approval, action: question.action });
    await ada.do(`/v1/approvals/${question.approval}/approve`, { digest: question.digest });
    const opened = await tunnel(`localhost:${port}`);
    expect(opened.status).toBe(200);
    expect(await carries(opened)).toBe(true);
    // Used up: the next one asks again.
    const again = tunnel(`localhost:${port}`);
    const next = await waiting();
    expect(next.approval).not.toBe(question.approval);
    expect((await ada.post(`/v1/approvals/${next.approval}/deny`, { why: 'enough' })).status).toBe(200);
    expect(await again).toMatchObject({ status: 403, said: { code: 'APPROVAL_DENIED' } });
  });

  test('to an address into the house that no rule names is nobody’s to permit', async () => {
    const refused = await tunnel('127.0.0.2:1');
    expect(refused).toMatchObject({ status: 403, said: { code: 'PRIVATE_ADDRESS' } });
    const { body } = await ada.get('/v1/approvals');
    expect((body as Body[]).filter(({ state }) => state === 'waiting')).toEqual([]);
  });
});
