import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { current, older, openSession, type RunningDoor, startDoor } from './running-door.ts';

const TIMES = {
  headersMs: 60,
  requestMs: 120,
  connectionIdleMs: 200,
  connectionCheckMs: 20,
  connectionStuckMs: 400,
  doorConnections: 64,
  unreadBytes: LIMITS.unreadBytes,
  unreadBytesEach: LIMITS.unreadBytesEach,
  unreadCheckMs: LIMITS.unreadCheckMs,
};

/** One raw connection; resolves with all that was received when it closes, or when `until` has been received. */
function talk(
  port: number,
  write: string,
  until?: RegExp,
  then?: (socket: Socket) => Promise<void>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
      if (until?.test(received)) socket.destroy();
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
    socket.write(write);
    then?.(socket).catch(reject);
  });
}

const head = (extra: string, path = '/mcp/files') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer token-writer\r\nContent-Type: application/json\r\n${extra}`;
const whole = (session: string, id: number) => {
  const { body } = older(session, { id, method: 'ping' });
  return `${head(`Mcp-Session-Id: ${session}\r\nContent-Length: ${String(body).length}`)}\r\n\r\n${body}`;
};

/** The status and the code of a refusal, with a sentence: as every door words it, or as a JSON-RPC error. */
function codeIn(received: string): string {
  const [, status = ''] = /^HTTP\/1.1 (\d+)/.exec(received) ?? [];
  const body = JSON.parse(received.slice(received.indexOf('\r\n\r\n') + 4)) as {
    readonly error: {
      readonly code: string | number;
      readonly sentence?: string;
      readonly message?: string;
      readonly data?: { readonly code: string };
    };
  };
  const { code, sentence, message, data } = body.error;
  expect(sentence ?? message).toMatch(/\.$/);
  return `${status} ${data?.code ?? code}`;
}

describe('the HTTP server', () => {
  let door: RunningDoor;
  const counted: string[] = [];
  beforeAll(async () => {
    door = await startDoor({}, TIMES, (found) => counted.push(found.code));
  });
  afterAll(() => door.stop());

  it('closes a connection whose headers do not end', async () => {
    expect(await talk(door.port, head('X-Slow: ye'))).toMatch(/^HTTP\/1.1 408 /);
  });

  it('closes a connection that never says anything', async () => {
    await talk(door.port, '');
  });

  it('closes a connection whose body does not end, and nothing of it happens', async () => {
    expect(await talk(door.port, `${head('Content-Length: 100')}\r\n\r\n{"jsonrpc":`)).toMatch(
      /^HTTP\/1.1 408 /,
    );
    expect(door.corridor.seen).toEqual([]);
  });

  it('closes a connection that says nothing after its answer', async () => {
    const session = await openSession(door.port);
    expect(await talk(door.port, whole(session, 1))).toContain('"result":{}');
  });

  it.each([
    ['a head that is none', 'HELO\r\n\r\n', '400 BAD_HTTP'],
    ['a length and chunks', head('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n'), '400 BAD_HTTP'],
    [
      'chunks in HTTP/1.0',
      head('Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0'),
      '400 BAD_HTTP',
    ],
    ['another version', head('Content-Length: 0\r\n\r\n').replace('HTTP/1.1', 'HTTP/2.0'), '400 BAD_HTTP'],
    ['no Host', 'POST /mcp/files HTTP/1.1\r\nContent-Length: 0\r\n\r\n', '400 HOST_MISSING'],
    ['an empty Host', 'POST /mcp/files HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\n\r\n', '400 HOST_MISSING'],
    ['a long header', head(`X-Big: ${'x'.repeat(LIMITS.headerBytes)}\r\n\r\n`), '431 HEADERS_TOO_LARGE'],
    ['an expectation', head('Expect: the-worst\r\nContent-Length: 0\r\n\r\n'), '417 EXPECTATION_REFUSED'],
    ['a head that does not end', head('X-Slow: ye'), '408 REQUEST_TIMEOUT'],
  ])('says with a code what is wrong with %s, and counts it', async (_what, bytes, expected) => {
    const before = door.corridor.refusals.length + counted.length;
    expect(codeIn(await talk(door.port, bytes))).toBe(expected);
    expect(door.corridor.refusals.length + counted.length).toBe(before + 1);
  });

  it('answers pipelined requests in order', async () => {
    const session = await openSession(door.port);
    const received = await talk(
      door.port,
      whole(session, 1) + whole(session, 2) + whole(session, 3),
      /"id":3.*\}/,
    );
    expect(received.match(/"id":\d/g)).toEqual(['"id":1', '"id":2', '"id":3']);
  });

  describe('a call sent behind another one that is not answered yet', () => {
    const callOf = (id: number) => {
      const { headers, body } = current('tools/call', { name: 'read_file', arguments: {} }, id);
      const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      return `${head(`Accept: application/json, text/event-stream\r\n${lines.join('')}`)}Content-Length: ${String(body).length}\r\n\r\n${body}`;
    };
    const scripted = () => {
      const [arrived, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const before = door.corridor.seen.length;
      door.corridor.script = async () => {
        arrived.resolve();
        await goOn.promise;
        return { kind: 'result', action: 'a', result: { content: [] } };
      };
      return {
        arrived: arrived.promise,
        goOn: goOn.resolve,
        calls: () => door.corridor.seen.length - before,
      };
    };
    /** Time for the server to read what was sent: what comes on a connection of its own is answered behind it. */
    const settle = async () => {
      const session = await openSession(door.port);
      await talk(door.port, whole(session, 1), /"result":\{\}/);
    };

    it('is looked at once that answer has ended, and answered then', async () => {
      const { arrived, goOn, calls } = scripted();
      const received = talk(door.port, callOf(7) + callOf(8), /"id":8/, async () => {
        await arrived;
        await settle();
        expect(calls()).toBe(1);
        goOn();
      });
      expect((await received).match(/"id":\d/g)).toEqual(['"id":7', '"id":8']);
      expect(calls()).toBe(2);
    });

    it('never happens where its sender has left by then', async () => {
      const { arrived, goOn, calls } = scripted();
      await talk(door.port, callOf(7) + callOf(8), undefined, async (socket) => {
        await arrived;
        await settle();
        socket.destroy();
      });
      await settle();
      goOn();
      await settle();
      expect(calls()).toBe(1);
    });

    it('takes the connection with it where too many wait', async () => {
      const { arrived, goOn, calls } = scripted();
      const many = Array.from({ length: LIMITS.pipelinedRequests + 2 }, (_, i) => callOf(i)).join('');
      const received = talk(door.port, many, undefined, () => arrived);
      expect(await received).toBe('');
      goOn();
      await settle();
      expect(calls()).toBe(1);
    });
  });

  it.each([
    ['rubbish', 'rubbish\r\n\r\n', '400 Bad Request'],
    ['an upgrade', head('Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'), '400 Bad Request'],
    ['a tunnel', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n', '405 Method Not Allowed'],
  ])(
    'refuses %s behind a call in flight in its turn, never as the answer to the call',
    async (_, behind, status) => {
      const arrived = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      door.corridor.script = async () => {
        arrived.resolve();
        await goOn.promise;
        return { kind: 'result', action: 'a', result: { content: [] } };
      };
      const { headers, body } = current('tools/call', { name: 'read_file', arguments: {} }, 7);
      const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      const first = `${head(`Accept: application/json, text/event-stream\r\n${lines.join('')}`)}Content-Length: ${String(body).length}\r\n\r\n${body}`;
      const before = door.corridor.refusals.length + counted.length;
      const received = talk(door.port, first, undefined, async (socket) => {
        await arrived.promise;
        socket.write(behind);
        socket.write('and more of it');
        while (door.corridor.refusals.length + counted.length === before) await nextTurn();
        goOn.resolve();
      });
      const [answer = '', refusal = '', ...more] = (await received).split(/(?=HTTP\/1\.1 )/);
      expect(answer).toMatch(/^HTTP\/1\.1 200 .*"id":7/s);
      expect(refusal).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
      expect(more).toEqual([]);
      expect(door.corridor.refusals.length + counted.length).toBe(before + 1);
    },
  );

  it('refuses what a proxy might frame otherwise', async () => {
    const chunked = 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n';
    expect(await talk(door.port, head(chunked))).toMatch(/^HTTP\/1.1 400 /);
    expect(await talk(door.port, head('Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd'))).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(await talk(door.port, head('X-A: b\r\n folded: c\r\n\r\n'))).toMatch(/^HTTP\/1.1 400 /);
    expect(await talk(door.port, 'POST /mcp/files HTTP/1.1\r\nContent-Length: 0\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400 /,
    );
  });

  it('refuses headers beyond their bound', async () => {
    expect(await talk(door.port, head(`X-Big: ${'x'.repeat(LIMITS.headerBytes)}\r\n\r\n`))).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });

  it('refuses more headers than it looks at, instead of dropping some', async () => {
    const many = 'X-A: b\r\n'.repeat(LIMITS.headerCount);
    const received = await talk(
      door.port,
      head(`${many}Authorization: Bearer other\r\nContent-Length: 0\r\n\r\n`),
    );
    expect(received).toMatch(/^HTTP\/1.1 431 /);
  });

  it('answers a first request that offers h2c as if it had not', async () => {
    const offer = head(
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    );
    const said = codeIn(await talk(door.port, offer, /\}\s*$/));
    expect(said).not.toContain('NO_UPGRADE');
  });

  it('offers neither upgrades nor tunnels, and says so', async () => {
    const upgrade = head('Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(codeIn(await talk(door.port, upgrade))).toBe('400 NO_UPGRADE');
    const tunnel = 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n';
    expect(codeIn(await talk(door.port, tunnel))).toBe('405 METHOD_NOT_ALLOWED');
  });

  it('closes a connection whose answer nobody reads', async () => {
    const text = 'x'.repeat(16 * 1024 * 1024);
    door.corridor.script = async () => ({
      kind: 'result',
      action: 'a',
      result: { content: [{ type: 'text', text }] },
    });
    const closed = new Promise<void>((resolve) =>
      door.server.once('connection', (socket) => socket.once('close', () => resolve())),
    );
    const { headers, body } = current('tools/call', { name: 'echo', arguments: {} });
    const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    const socket = connect(door.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`${head(`${lines.join('')}Content-Length: ${String(body).length}`)}\r\n\r\n${body}`);
    await closed;
    socket.destroy();
    door.corridor.script = null;
  });

  it('drops progress that its client does not read, and still answers', async () => {
    const sent = 20_000;
    let finish = (): void => {};
    const told = new Promise<void>((resolve) => {
      finish = resolve;
    });
    door.corridor.script = async ({ control }) => {
      for (let i = 0; i < sent; i++) control.onProgress?.({ progress: i, message: 'x'.repeat(1000) });
      finish();
      return { kind: 'result', action: 'a', result: { content: [] } };
    };
    const { headers, body } = current('tools/call', {
      name: 'echo',
      arguments: {},
      _meta: { progressToken: 1 },
    });
    const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    const socket = connect(door.port, '127.0.0.1');
    socket.pause();
    socket.write(`${head(`${lines.join('')}Content-Length: ${String(body).length}`)}\r\n\r\n${body}`);
    await told;
    let received = '';
    const answered = new Promise<void>((resolve) =>
      socket.on('data', (chunk) => {
        received += chunk.toString();
        if (received.includes('"result":{')) resolve();
      }),
    );
    socket.resume();
    await answered;
    socket.destroy();
    door.corridor.script = null;
    const count = received.split('notifications/progress').length - 1;
    expect(count).toBeGreaterThan(0);
    expect(count * 1000).toBeLessThan(LIMITS.streamBufferBytes * 2);
  });

  it('keeps a call that takes longer than a request may take to arrive', async () => {
    const { headers, body } = current('tools/call', { name: 'slow', arguments: {} });
    const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    const begun = door.corridor.next('begun');
    const received = talk(
      door.port,
      `${head(`${lines.join('')}Content-Length: ${String(body).length}`)}\r\n\r\n${body}`,
      /slow but done/,
    );
    await begun;
    // Another connection is closed by the same clock in the meantime.
    await talk(door.port, head('X-Slow: ye'));
    await talk(door.port, `${head('Content-Length: 100')}\r\n\r\n{`);
    door.corridor.finishSlow();
    expect(await received).toContain('slow but done');
  });
});

describe('connections beyond their bound', () => {
  let door: RunningDoor;
  beforeAll(async () => {
    door = await startDoor({}, { ...LIMITS, doorConnections: 12 });
  });
  afterAll(() => door.stop());

  it('lets whoever holds the most connections lose the oldest, and a new one in', async () => {
    const session = await openSession(door.port);
    const mine = connect(door.port, '127.0.0.1');
    const received: string[] = [];
    mine.on('data', (chunk) => received.push(chunk.toString()));
    mine.write(whole(session, 1));
    await expect.poll(() => received.join('')).toContain('"id":1');
    const crowd = Array.from({ length: 40 }, () => connect(door.port, '127.0.0.1'));
    for (const one of crowd) one.on('error', () => {});
    // Each of them was taken, and none of the crowd's was worth the one that is known.
    await Promise.all(crowd.map((one) => new Promise((resolve) => one.once('connect', resolve))));
    mine.write(whole(session, 2));
    await expect.poll(() => received.join('')).toContain('"id":2');
    expect(await talk(door.port, whole(session, 3), /"id":3/)).toContain('"id":3');
    for (const one of [mine, ...crowd]) one.destroy();
  });
});

describe('a client that leaves while its call runs', () => {
  it.each([
    ['nothing', ''],
    ['half a request', head('Content-Length: 100\r\n\r\n{"jsonrpc":')],
    ['half a head', head('X-Half')],
    ['rubbish', 'rubbish\r\n\r\n'],
    ['an upgrade', head('Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n')],
    ['a tunnel', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n'],
  ])('cancels a call whose client leaves after it has sent %s behind it', async (_, behind) => {
    // With the times of an instance, so that no connection ends for being silent.
    const patient = await startDoor();
    const arrived = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    patient.corridor.script = async ({ control }) => {
      control.signal.addEventListener('abort', () => cancelled.resolve());
      arrived.resolve();
      await cancelled.promise;
      return { kind: 'result', action: 'a', result: { content: [] } };
    };
    const { headers, body } = current('tools/call', { name: 'read_file', arguments: {} }, 7);
    const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
    const first = `${head(`Accept: application/json, text/event-stream\r\n${lines.join('')}`)}Content-Length: ${String(body).length}\r\n\r\n${body}`;
    const received = talk(patient.port, first, undefined, async (socket) => {
      await arrived.promise;
      socket.end(behind);
    });
    await cancelled.promise;
    expect(await received).toBe('');
    await patient.stop();
  });
});
