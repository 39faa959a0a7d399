import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem } from '../../../src/base/errors.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { current, older, openSession, type RunningDoor, type Send, send, startDoor } from './running-door.ts';

const CALL = current('tools/call', { name: 'echo', arguments: { text: 'x' } });
const with_ = (headers: Send['headers']): Send => ({ ...CALL, headers: { ...CALL.headers, ...headers } });

/** What somebody at the door can try before anything is an action. Nothing of it may reach `act`. */
describe('the door refuses', () => {
  let door: RunningDoor;
  beforeAll(async () => {
    door = await startDoor();
  });
  afterAll(() => door.stop());
  beforeEach(() => {
    door.corridor.seen.length = 0;
    door.corridor.refusals.length = 0;
  });

  const cases: readonly [name: string, what: Send, status: number, code: string, agent: string | null][] = [
    ['no token', with_({ authorization: undefined }), 401, 'TOKEN_MISSING', null],
    ['another scheme', with_({ authorization: 'Basic d3JpdGVyOng=' }), 401, 'TOKEN_MISSING', null],
    ['a wrong token', with_({ authorization: 'Bearer nonsense' }), 401, 'TOKEN_REFUSED', null],
    [
      'two tokens',
      with_({ authorization: ['Bearer token-writer', 'Bearer x'] }),
      400,
      'HEADER_MISMATCH',
      null,
    ],
    ['too many failures', with_({ authorization: 'Bearer flood' }), 429, 'TOO_MANY_FAILURES', null],
    ['a foreign host', with_({ host: 'evil.example' }), 403, 'BAD_HOST', null],
    ['a host that hides in user info', with_({ host: 'evil.example@localhost' }), 403, 'BAD_HOST', null],
    ['a host that ends like ours', with_({ host: 'localhost.evil.example' }), 403, 'BAD_HOST', null],
    ['loopback in another spelling', with_({ host: '127.1' }), 403, 'BAD_HOST', null],
    ['a foreign origin', with_({ origin: 'https://evil.example' }), 403, 'BAD_ORIGIN', null],
    [
      'what a foreign page embeds',
      { ...with_({ 'sec-fetch-site': 'cross-site', authorization: undefined }), method: 'GET', body: '' },
      403,
      'BAD_ORIGIN',
      null,
    ],
    ['an opaque origin', with_({ origin: 'null' }), 403, 'BAD_ORIGIN', null],
    ['an origin of another kind', with_({ origin: 'file://localhost' }), 403, 'BAD_ORIGIN', null],
    ['an unknown upstream', { ...CALL, path: '/mcp/nobody' }, 404, 'UNKNOWN_UPSTREAM', 'writer'],
    ['a prototype for an upstream', { ...CALL, path: '/mcp/__proto__' }, 404, 'UNKNOWN_UPSTREAM', 'writer'],
    ['another path', { ...CALL, path: '/mcp/' }, 404, 'NOT_FOUND', 'writer'],
    ['a path in disguise', { ...CALL, path: '/mcp/%66iles' }, 404, 'UNKNOWN_UPSTREAM', 'writer'],
    [
      'GET without a token',
      { ...with_({ authorization: undefined }), method: 'GET', body: '' },
      401,
      'TOKEN_MISSING',
      null,
    ],
    ['PUT', { ...CALL, method: 'PUT' }, 405, 'METHOD_NOT_ALLOWED', 'writer'],
    ['a form', with_({ 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'writer'],
    ['no type', with_({ 'content-type': undefined }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'writer'],
    [
      'a type that only begins so',
      with_({ 'content-type': 'application/jsonp' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'writer',
    ],
    ['no streams', with_({ accept: 'application/json' }), 406, 'NOT_ACCEPTABLE', 'writer'],
    ['no JSON', with_({ accept: 'text/event-stream' }), 406, 'NOT_ACCEPTABLE', 'writer'],
    ['an empty body', { ...CALL, body: '' }, 400, 'BAD_JSON', 'writer'],
    ['broken JSON', { ...CALL, body: '{"jsonrpc":' }, 400, 'BAD_JSON', 'writer'],
    ['two messages in one body', { ...CALL, body: `${CALL.body}\n${CALL.body}` }, 400, 'BAD_JSON', 'writer'],
    ['a batch', { ...CALL, body: `[${CALL.body}]` }, 400, 'BATCH', 'writer'],
    ['bad UTF-8', { ...CALL, body: Buffer.from([0x22, 0xff, 0x22]) }, 400, 'BAD_UTF8', 'writer'],
    ['half a surrogate', { ...CALL, body: '"\\ud800"' }, 400, 'LONE_SURROGATE', 'writer'],
    ['no request at all', { ...CALL, body: '"hello"' }, 400, 'BAD_MESSAGE', 'writer'],
    [
      'a response nobody asked for',
      { ...CALL, headers: {}, body: '{"jsonrpc":"2.0","id":1,"result":{}}' },
      400,
      'BAD_MESSAGE',
      'writer',
    ],
    [
      'a null id',
      { ...CALL, body: String(CALL.body).replace('"id":1', '"id":null') },
      400,
      'BAD_MESSAGE',
      'writer',
    ],
    [
      'a duplicate key',
      { ...CALL, body: String(CALL.body).replace('"name":"echo"', '"name":"echo","name":"secret"') },
      400,
      'DUPLICATE_KEY',
      'writer',
    ],
    [
      'a duplicate key in disguise',
      { ...CALL, body: String(CALL.body).replace('"text":"x"', '"text":"x","te\\u0078t":"y"') },
      400,
      'DUPLICATE_KEY',
      'writer',
    ],
    ['deep nesting', { ...CALL, body: '['.repeat(100) + ']'.repeat(100) }, 400, 'TOO_DEEP', 'writer'],
  ];
  for (const [name, what, status, code, agent] of cases) {
    it(name, async () => {
      const reply = await send(door.port, what);
      expect([reply.status, reply.json['error']]).toMatchObject([status, { data: { code } }]);
      expect(reply.json).toMatchObject({ jsonrpc: '2.0', id: null });
      expect(door.corridor.refusals.map((refusal) => [refusal.agent, refusal.problem.code])).toEqual([
        [agent, code],
      ]);
      expect(door.corridor.seen).toEqual([]);
      expect(door.logged).toEqual([]);
    });
  }

  it('reserved keys, undeclared members and unknown names, in band', async () => {
    for (const [params, code] of [
      [{ name: 'echo', arguments: { a: { __entity: 1 } } }, 'RESERVED_KEY'],
      [{ name: 'echo', arguments: {}, tasks: { ttl: 1 } }, 'BAD_PARAMS'],
      [{ name: 'echo', arguments: {}, inputResponses: [] }, 'BAD_PARAMS'],
      [{ name: 'echo', arguments: [] }, 'BAD_PARAMS'],
      [{ name: 'no spaces', arguments: {} }, 'UNKNOWN_OPERATION'],
      [{ name: 'echo', _meta: { 'dev.lanyard/sessoin': 'x' } }, 'BAD_PARAMS'],
      [{ name: 'echo', _meta: { progressToken: 1.5 } }, 'BAD_PARAMS'],
    ] as const) {
      const reply = await send(door.port, current('tools/call', params));
      expect([reply.status, reply.json]).toMatchObject([
        200,
        { id: 1, error: { code: -32602, data: { code } } },
      ]);
    }
    expect(door.corridor.seen).toEqual([]);
  });

  it('a stream for what is sent unasked, which is no offence', async () => {
    const reply = await send(door.port, { ...CALL, method: 'GET', body: '' });
    expect([reply.status, reply.headers.allow]).toEqual([405, 'POST, DELETE']);
    expect(door.corridor.refusals).toEqual([]);
  });

  it('nothing from names it was given, whatever their case or port', async () => {
    for (const headers of [
      { host: 'LOCALHOST:1' },
      { host: '[::1]:7700' },
      { host: 'Gateway.Example' },
      { origin: 'http://localhost:6274' },
      { origin: 'https://gateway.example' },
      { accept: undefined },
      { accept: 'text/*;q=0.5, application/*' },
      { 'content-type': 'Application/JSON; charset=utf-8' },
      { authorization: 'bearer token-writer' },
    ]) {
      expect((await send(door.port, with_(headers))).status, JSON.stringify(headers)).toBe(200);
    }
  });

  it('with the challenge that a 401 needs, and without caring for a body', async () => {
    const missing = await send(door.port, with_({ authorization: undefined }));
    expect(missing.headers['www-authenticate']).toBe('Bearer realm="lanyard"');
    const body = Buffer.alloc(LIMITS.requestBytes + 1, 0x20);
    const wrong = await send(door.port, { ...with_({ authorization: 'Bearer nope' }), body });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="lanyard", error="invalid_token"');
    expect(wrong.text).not.toContain('nope');
  });

  it('a revoked token at the very next request', async () => {
    expect((await send(door.port, CALL)).status).toBe(200);
    door.corridor.revoked.add('token-writer');
    expect((await send(door.port, CALL)).status).toBe(401);
    door.corridor.revoked.clear();
  });

  it('an oversized body with a 413 that its sender can read, announced or not', async () => {
    const body = Buffer.alloc(LIMITS.requestBytes + 1, 0x20);
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const reply = await send(door.port, { ...with_(headers), body });
      expect([reply.status, reply.json['error']]).toMatchObject([413, { data: { code: 'BODY_TOO_LARGE' } }]);
    }
    const largest = Buffer.concat([
      Buffer.from(String(CALL.body)),
      Buffer.alloc(LIMITS.requestBytes - String(CALL.body).length, 0x20),
    ]);
    expect((await send(door.port, { ...CALL, body: largest })).status).toBe(200);
  });

  it('to read without end: beyond the drain the connection is cut', async () => {
    const socket = connect(door.port, '127.0.0.1');
    socket.write(
      `POST /mcp/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer token-writer\r\nContent-Type: application/json\r\nContent-Length: ${LIMITS.drainBytes * 4}\r\n\r\n`,
    );
    let sent = 0;
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const more = () => {
      sent += chunk.length;
      if (sent < LIMITS.drainBytes * 4) socket.write(chunk, (fault) => (fault ? undefined : more()));
    };
    socket.on('error', () => {});
    socket.resume();
    more();
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    expect(sent).toBeLessThan(LIMITS.drainBytes * 3);
    expect(door.corridor.refusals.map((refusal) => refusal.problem.code)).toEqual(['BODY_TOO_LARGE']);
  });
});

describe('a corridor that breaks its promise', () => {
  it('at the threshold becomes INTERNAL too', async () => {
    const door = await startDoor();
    door.corridor.authenticate = () => {
      throw new TypeError('the secret is 42');
    };
    const reply = await send(door.port, CALL);
    expect([reply.status, reply.json['error']]).toMatchObject([503, { data: { code: 'INTERNAL' } }]);
    expect(`${reply.text}${door.logged[0]}`).not.toContain('42');
    await door.stop();
  });

  it('becomes INTERNAL, in the log without what the client sent', async () => {
    const door = await startDoor();
    door.corridor.script = async () => {
      throw new TypeError('the secret is 42');
    };
    const reply = await send(door.port, CALL);
    expect([reply.status, reply.json['error']]).toMatchObject([503, { data: { code: 'INTERNAL' } }]);
    expect(door.logged).toHaveLength(1);
    expect(`${reply.text}${door.logged[0]}`).not.toContain('42');
    await door.stop();
  });
});

describe('the peer whose failures are counted', () => {
  it('is the socket, or whom our own proxy names last', async () => {
    const forged = with_({ 'x-forwarded-for': '6.6.6.6, 10.0.0.7' });
    const direct = await startDoor();
    await send(direct.port, forged);
    expect(direct.corridor.peers).toEqual(['127.0.0.1']);
    await direct.stop();
    const proxied = await startDoor({ behindProxy: true });
    await send(proxied.port, forged);
    await send(proxied.port, CALL);
    expect(proxied.corridor.peers).toEqual(['10.0.0.7', '127.0.0.1']);
    await proxied.stop();
  });
});

describe('a door that closes', () => {
  it('lets what runs end, and takes nothing more', async () => {
    const door = await startDoor();
    const begun = door.corridor.next('begun');
    const running = send(door.port, current('tools/call', { name: 'slow', arguments: {} }));
    await begun;
    const drained = door.door.drain();
    const late = await send(door.port, CALL);
    expect([late.status, late.headers.connection]).toEqual([503, 'close']);
    door.corridor.finishSlow();
    await drained;
    expect((await running).status).toBe(200);
    await door.stop();
  });

  it('aborts what does not end in time', async () => {
    const door = await startDoor();
    const [begun, aborted] = [door.corridor.next('begun'), door.corridor.next('aborted')];
    const running = send(door.port, current('tools/call', { name: 'slow', arguments: {} }));
    await begun;
    await door.door.drain(1);
    await aborted;
    expect((await running).json['result']).toMatchObject({ isError: true });
    await door.stop();
  });
});

describe('a door that closes over what cannot be cut', () => {
  it('says that it stops, to each under the id of what it asked', async () => {
    const door = await startDoor();
    const begun = new Promise<void>((asked) => {
      door.corridor.script = () => {
        asked();
        return new Promise(() => undefined);
      };
    });
    const running = send(door.port, current('tools/call', { name: 'slow', arguments: {} }, 'stuck'));
    await begun;
    await door.door.drain(1);
    const { status, json } = await running;
    expect(status).toBe(503);
    expect(json).toMatchObject({ id: 'stuck', error: { data: { code: 'SHUTTING_DOWN' } } });
    await door.stop();
  });
});

describe('a flood of what is no call', () => {
  let door: RunningDoor;
  beforeAll(async () => {
    door = await startDoor();
  });
  afterAll(() => door.stop());

  it('lists, discoveries, pings and beginnings are counted, and refused beyond their bound; a call is not', async () => {
    const session = await openSession(door.port);
    door.corridor.looks = 0;
    door.corridor.tooMany = problem('TOO_MANY_LOOKS', { limit: 1 });
    const asked = [
      ...['tools/list', 'resources/list', 'server/discover'].map((method) => current(method)),
      older(session, { id: 1, method: 'ping' }),
      { body: '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}' },
    ];
    for (const one of asked) expect((await send(door.port, one)).text).toContain('"code":"TOO_MANY_LOOKS"');
    expect(door.corridor.looks).toBe(asked.length);
    expect((await send(door.port, CALL)).status).toBe(200);
    door.corridor.tooMany = null;
  });

  it('whoever is refused too often is not read any more', async () => {
    door.corridor.tooOften = problem('TOO_MANY_REFUSALS', { limit: 1 });
    const reply = await send(door.port, { ...CALL, body: 'this is not even read' });
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '60']);
    expect(reply.text).toContain('"code":"TOO_MANY_REFUSALS"');
    expect(door.corridor.refusals.at(-1)?.agent).toBe('writer');
  });
});
