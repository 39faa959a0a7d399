import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { freePort } from '../people-ground.ts';

/** A server on loopback that says back what it hears, and remembers it. */
class Echo {
  readonly server: Server;
  readonly sockets: Socket[] = [];
  heard = '';
  closed = 0;

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('data', (chunk) => {
        this.heard += chunk.toString();
        socket.write(chunk);
      });
      socket.on('error', () => undefined);
      socket.on('close', () => this.closed++);
    });
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }
}

interface Proxied {
  readonly status: number;
  readonly body: string;
  readonly socket: Socket;
}

/** One CONNECT; resolves with the answer's head and, where the way is not open, its body. */
async function connectVia(proxy: number, authority: string, token?: string): Promise<Proxied> {
  const socket = connect(proxy, '127.0.0.1');
  socket.on('error', () => undefined);
  const auth = token === undefined ? '' : `Proxy-Authorization: Basic ${btoa(`run:${token}`)}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${auth}\r\n`);
  let text = '';
  for await (const [chunk] of on(socket)) {
    text += String(chunk);
    const end = text.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
    if (end !== -1 && (status === 200 || text.endsWith('}\n'))) {
      return { status, body: text.slice(end + 4), socket };
    }
  }
  throw new Error(`the proxy hung up: ${text}`);
}

async function* on(socket: Socket): AsyncGenerator<[Buffer]> {
  while (!socket.destroyed) {
    const chunk = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => null)]);
    if (chunk === null) return;
    yield chunk as [Buffer];
  }
}

const codeOf = ({ body }: Proxied): string =>
  String((JSON.parse(body) as { error: { code: string } }).error.code);

describe('the way out', () => {
  const ground = new OperatorGround();
  const echo = new Echo();
  let running: Running;
  let proxy = 0;
  let port = 0;
  let token = '';

  beforeAll(async () => {
    port = await echo.listen();
    proxy = await freePort();
    ground.write(
      'rules.cedar',
      `@id("named") @need("The test's own server")
permit (principal == Agent::"writer", action == Action::"http:CONNECT", resource == Host::"127.0.0.1:${port}");
@id("by-name") @need("The same by its name")
permit (principal == Agent::"writer", action == Action::"http:CONNECT", resource == Host::"localhost:${port}");
@id("blanket") @need("Everything of one agent")
permit (principal == Agent::"other", action, resource);
@id("not-there") @reason("Nobody goes there")
forbid (principal, action == Action::"http:CONNECT", resource is Host) when { resource.host like "*.evil.example" };
`,
    );
    ground.write('lanyard.yaml', ground.configuration({ egress: `egress: 127.0.0.1:${proxy}` }));
    running = await ground.up();
    await running.url();
    token = await ground.token('writer');
  });

  afterAll(async () => {
    await ground.remove();
    echo.server.close();
    for (const socket of echo.sockets) socket.destroy();
  });

  let looked = 0;
  /** What came into the log since this was last asked. */
  async function newEntries() {
    const all = await ground.entries('action.decided', 'action.outcome');
    const fresh = all.slice(looked);
    looked = all.length;
    return fresh;
  }

  test('a request that two readers could take for two is refused with a code, and so is what is none', async () => {
    const auth = (word: string) => `Proxy-Authorization: Bearer ${word}\r\n`;
    const asked = (headers: string) => `CONNECT localhost:${port} HTTP/1.1\r\n${headers}\r\n`;
    const host = `Host: localhost:${port}\r\n`;
    for (const [bytes, expected] of [
      [asked(`Host: elsewhere.example:443\r\n${auth(token)}`), '400 HEADER_MISMATCH'],
      [asked(`${host}${host}${auth(token)}`), '400 HEADER_MISMATCH'],
      [asked(`${host}${auth(token)}${auth('lyd_other')}`), '400 HEADER_MISMATCH'],
      ['HELO\r\n\r\n', '400 BAD_HTTP'],
      [`GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`, '400 NO_UPGRADE'],
      [`GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n`, '417 EXPECTATION_REFUSED'],
    ] as const) {
      const socket = connect(proxy, '127.0.0.1');
      socket.write(bytes);
      const text = String((await once(socket, 'data'))[0]);
      socket.destroy();
      const [, status] = /^HTTP\/1.1 (\d+)/.exec(text) ?? [];
      const { error } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as { error: { code: string } };
      expect(`${status} ${error.code}`).toBe(expected);
    }
    expect(await newEntries()).toEqual([]);
  });

  test('P1 a tunnel that a rule permits is decided, recorded, carried, and its bytes are in the log', async () => {
    const { status, socket } = await connectVia(proxy, `localhost:${port}`, token);
    expect(status).toBe(200);
    // The record is there before a byte can pass.
    expect(await newEntries()).toMatchObject([
      {
        kind: 'action.decided',
        operation: 'http:CONNECT',
        decision: 'allow',
        rules: ['by-name'],
        door: 'egress',
        target: { type: 'Host', id: `localhost:${port}` },
        brings: ['untrusted'],
      },
    ]);
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.end();
    await once(socket, 'close');
    // The agent's side has closed; the record follows.
    await expect.poll(newEntries).toMatchObject([
      {
        kind: 'action.outcome',
        outcome: 'ok',
        address: `127.0.0.1:${port}`,
        sent: 5,
        received: 5,
        ended: 'agent',
      },
    ]);
  });

  test('P2 nothing is permitted that no rule names: denied, recorded, and not looked up', async () => {
    const denied = await connectVia(proxy, 'nobody.invalid:443', token);
    expect([denied.status, codeOf(denied)]).toEqual([403, 'NO_PERMIT']);
    const forbidden = await connectVia(proxy, 'secret.EVIL.example.:443', token);
    expect([forbidden.status, codeOf(forbidden)]).toEqual([403, 'FORBIDDEN']);
    const entries = await newEntries();
    expect(entries.map(({ kind, code }) => [kind, code])).toEqual([
      ['action.decided', 'NO_PERMIT'],
      ['action.decided', 'FORBIDDEN'],
    ]);
  });

  test('an address that is not public needs a rule that names it, whatever else is permitted', async () => {
    const other = await ground.token('other');
    const connections = echo.sockets.length;
    const at = (host: string) => `${host}:${port}`;
    for (const authority of [
      `127.0.0.1:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      '169.254.169.254:80',
      '169.254.169.254.:80',
      '[fd00:ec2::254]:80',
      ...['0x7f.1', '0177.0.0.1', '017700000001', '2130706433', '127.1', '127.0.0.1.', '0', '0.0.0.0'].map(
        at,
      ),
      ...['[::]', '[::1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', 'LOCALHOST.'].map(at),
    ]) {
      const answer = await connectVia(proxy, authority, other);
      expect([authority, answer.status, codeOf(answer)]).toEqual([authority, 403, 'PRIVATE_ADDRESS']);
    }
    // By a name that leads there it is found when it is looked up: allowed by the name, and nothing was connected.
    const byName = await connectVia(proxy, `localhost:${port}`, other);
    expect([byName.status, codeOf(byName)]).toEqual([403, 'PRIVATE_ADDRESS']);
    expect((await newEntries()).at(-1)).toMatchObject({ outcome: 'aborted', code: 'PRIVATE_ADDRESS' });
    expect(echo.sockets.length).toBe(connections);
  });

  test('without a token, with a wrong one, and for anything but CONNECT there is nothing', async () => {
    const missing = await connectVia(proxy, `127.0.0.1:${port}`);
    expect([missing.status, codeOf(missing)]).toEqual([407, 'TOKEN_MISSING']);
    const wrong = await connectVia(proxy, `127.0.0.1:${port}`, 'lyd_00000000_no');
    expect([wrong.status, codeOf(wrong)]).toEqual([407, 'TOKEN_REFUSED']);
    const plain = await fetch(`http://127.0.0.1:${proxy}/`);
    expect([plain.status, ((await plain.json()) as { error: { code: string } }).error.code]).toEqual([
      405,
      'TUNNELS_ONLY',
    ]);
    for (const authority of [
      ...[
        'nowhere',
        '127.0.0.1:0',
        '127.0.0.1:65536',
        `127.0.0.1:0${port}`,
        `:${port}`,
        `4294967297:${port}`,
      ],
      ...[`a@127.0.0.1:${port}`, `127.0.0.1:${port}/`, `http://127.0.0.1:${port}/`, `127.0.0.%31:${port}`],
      ...[`[::1%lo]:${port}`, `[::1%25lo]:${port}`, `127.0.0.1,8.8.8.8:${port}`, `127.0.0.1%00:${port}`],
    ]) {
      const malformed = await connectVia(proxy, authority, token);
      expect([authority, malformed.status, codeOf(malformed)]).toEqual([authority, 400, 'BAD_AUTHORITY']);
    }
  });

  test('what nobody answers at is an aborted action', async () => {
    echo.server.close();
    await once(echo.server, 'close');
    const answer = await connectVia(proxy, `127.0.0.1:${port}`, token);
    expect([answer.status, codeOf(answer)]).toEqual([502, 'TUNNEL_FAILED']);
    expect((await newEntries()).at(-1)).toMatchObject({ outcome: 'aborted', code: 'TUNNEL_FAILED' });
    echo.server.listen(port, '127.0.0.1');
    await once(echo.server, 'listening');
  });

  test('P4 a stop cuts every tunnel: nothing arrives after it, and how it ended is unknown', async () => {
    const tunnels = await Promise.all(
      Array.from({ length: 20 }, () => connectVia(proxy, `127.0.0.1:${port}`, token)),
    );
    expect(tunnels.map(({ status }) => status)).toEqual(Array(20).fill(200));
    for (const { socket } of tunnels) socket.write('first ');
    await Promise.all(tunnels.map(({ socket }) => once(socket, 'data')));
    const cut = Promise.all(tunnels.map(({ socket }) => once(socket, 'close')));
    expect((await ground.run('stop agent:writer')).code).toBe(0);
    echo.heard = '';
    for (const { socket } of tunnels) socket.write('late');
    await cut;
    expect(echo.heard).toBe('');
    const frozen = await connectVia(proxy, `127.0.0.1:${port}`, token);
    expect([frozen.status, codeOf(frozen)]).toEqual([403, 'FROZEN']);
    const outcomes = (await newEntries()).filter(({ kind }) => kind === 'action.outcome');
    expect(outcomes).toHaveLength(20);
    for (const one of outcomes) expect(one).toMatchObject({ outcome: 'unknown', ended: 'cut', sent: 6 });
    await ground.run('release agent:writer --why tested');
  });

  test('a token taken away ends its tunnels, and so does the end of the instance', async () => {
    const other = await connectVia(proxy, `127.0.0.1:${port}`, token);
    expect(other.status).toBe(200);
    const gone = once(other.socket, 'close');
    await ground.run('agent revoke writer');
    await gone;
    const last = await connectVia(proxy, `127.0.0.1:${port}`, await ground.token('writer'));
    expect(last.status).toBe(200);
    const cut = once(last.socket, 'close');
    expect(await running.end()).toBe('0');
    await cut;
    expect((await ground.entries('action.outcome')).at(-1)).toMatchObject({
      ended: 'cut',
      outcome: 'unknown',
    });
    expect(await ground.run('log verify --deep')).toMatchObject({ code: 0 });
  });
});
