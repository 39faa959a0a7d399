import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { current, older } from '../../doors/agents/running-door.ts';
import { fixture, GovernedInstance, postBytes, type RawReply, received, sendRaw } from '../instance.ts';

/** Bytes on a socket, as only an attacker sends them, to a real instance in front of a real upstream that keeps what arrives. */

const MARK = 'attack-on-the-upstream';
let instance: GovernedInstance;
let otherToken: string;
beforeAll(async () => {
  instance = await GovernedInstance.start((ground) => ({
    upstreams: { box: fixture(ground, join(import.meta.dirname, 'upstream.mjs')) },
    plain: ['echo', 'leak', 'steps', 'release'],
  }));
  otherToken = await instance.ground.token('other');
});
afterAll(() => instance.stop());

const { headers: HEADERS, body } = current('tools/call', { name: 'echo', arguments: { text: MARK } });
const CALL = String(body);
type Headers = Readonly<Record<string, string | undefined>>;
const CURRENT = HEADERS as Headers;
const post = (bytes: Buffer | string, headers: Headers = {}, path?: string): Promise<RawReply> =>
  sendRaw(instance.port, postBytes(instance.token, bytes, { ...CURRENT, ...headers }, path));

const inArguments = (text: string): string => CALL.replace(`{"text":"${MARK}"}`, text);
const renamed = (method: string) => ({
  body: CALL.replace('"method":"tools/call"', `"method":"${method}"`),
  headers: { 'mcp-method': method, 'mcp-name': undefined },
});

interface Attack {
  readonly code: string;
  readonly status: number;
  readonly body: Buffer | string;
  readonly headers?: Headers;
  readonly path?: string;
  /** Where it is not writer who is counted: nobody authenticated. */
  readonly nobody?: true;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'a key twice': {
    code: 'DUPLICATE_KEY',
    status: 400,
    body: CALL.replace('"name":"echo"', '"name":"echo","name":"leak"'),
  },
  'a key twice, once in disguise': {
    code: 'DUPLICATE_KEY',
    status: 400,
    body: inArguments(`{"text":"x","te\\u0078t":"${MARK}"}`),
  },
  'a header that names another method': {
    code: 'HEADER_MISMATCH',
    status: 400,
    body: CALL,
    headers: { 'mcp-method': 'tools/list' },
  },
  'a header that names another tool': {
    code: 'HEADER_MISMATCH',
    status: 400,
    body: CALL,
    headers: { 'mcp-name': 'release' },
  },
  'a header that names another version': {
    code: 'HEADER_MISMATCH',
    status: 400,
    body: CALL,
    headers: { 'mcp-protocol-version': '2025-11-25' },
  },
  'a batch': { code: 'BATCH', status: 400, body: `[${CALL}]` },
  'a batch behind blanks': { code: 'BATCH', status: 400, body: ` \n[${CALL},${CALL}]` },
  'two messages': { code: 'BAD_JSON', status: 400, body: `${CALL}\n${CALL}` },
  'half a surrogate': { code: 'LONE_SURROGATE', status: 400, body: inArguments('{"text":"\\ud800"}') },
  'bytes that are no UTF-8': {
    code: 'BAD_UTF8',
    status: 400,
    body: Buffer.from(CALL.replace(MARK, '\u00ff'), 'latin1'),
  },
  '2^53 + 1': { code: 'NUMBER_OUT_OF_RANGE', status: 400, body: inArguments('{"text":9007199254740993}') },
  '1e999': { code: 'NUMBER_OUT_OF_RANGE', status: 400, body: inArguments('{"text":1e999}') },
  'nesting without end': { code: 'TOO_DEEP', status: 400, body: inArguments('['.repeat(100_000)) },
  'more than a message may hold': {
    code: 'BODY_TOO_LARGE',
    status: 413,
    body: inArguments(`{"text":"${'x'.repeat(LIMITS.requestBytes)}"}`),
  },
  'a prototype in the arguments': {
    code: 'RESERVED_KEY',
    status: 200,
    body: inArguments(`{"__proto__":{"text":"${MARK}"}}`),
  },
  'an entity in the arguments': {
    code: 'RESERVED_KEY',
    status: 200,
    body: inArguments('{"text":{"__entity":{"type":"Agent","id":"other"}}}'),
  },
  'an argument that is not declared': {
    code: 'ARGUMENTS_INVALID',
    status: 200,
    body: inArguments('{"text":1}'),
  },
  'an unknown method': { code: 'UNKNOWN_METHOD', status: 404, ...renamed('tools/drop') },
  'a task of a client that declared none': {
    code: 'TASKS_UNDECLARED',
    status: 400,
    ...renamed('tasks/cancel'),
  },
  'an unknown tool': {
    code: 'UNKNOWN_OPERATION',
    status: 200,
    body: CALL.replace('"name":"echo"', '"name":"drop"'),
    headers: { 'mcp-name': 'drop' },
  },
  'a prototype for a tool': {
    code: 'UNKNOWN_OPERATION',
    status: 200,
    body: CALL.replace('"name":"echo"', '"name":"constructor"'),
    headers: { 'mcp-name': 'constructor' },
  },
  'an unknown upstream': { code: 'UNKNOWN_UPSTREAM', status: 404, body: CALL, path: '/mcp/bax' },
  'a wrong token': {
    code: 'TOKEN_REFUSED',
    status: 401,
    body: CALL,
    headers: { authorization: 'Bearer lyd_00000000_AAAAAAAAAAAAAAAAAAAAAA' },
    nobody: true,
  },
  'no token': {
    code: 'TOKEN_MISSING',
    status: 401,
    body: CALL,
    headers: { authorization: undefined },
    nobody: true,
  },
  'a foreign page': {
    code: 'BAD_ORIGIN',
    status: 403,
    body: CALL,
    headers: { origin: 'https://evil.example' },
    nobody: true,
  },
  'a name that was rebound to this machine': {
    code: 'BAD_HOST',
    status: 403,
    body: CALL,
    headers: { host: 'evil.example' },
    nobody: true,
  },
};

/** What is no HTTP request at all. */
const FRAMINGS: Readonly<Record<string, Record<string, string>>> = {
  'two lengths': { 'content-length': `${CALL.length}\r\nContent-Length: 5` },
  'a length and chunks': { 'transfer-encoding': 'chunked' },
  'chunks in disguise': { 'transfer-encoding': 'xchunked' },
  'a folded header': { 'mcp-name': 'echo\r\n leak' },
};

describe('is refused', () => {
  it.each(Object.entries(ATTACKS))('%s', async (_, { code, status, body, headers, path }) => {
    const reply = await post(body, headers, path);
    expect([reply.status, reply.json['error']]).toMatchObject([status, { data: { code } }]);
    expect(reply.body).not.toMatch(/\bat .*\.ts:\d+/);
    expect(`${reply.head}${reply.body}`).not.toContain(instance.token);
  });

  it("another agent's session", async () => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'a', version: '1' },
    };
    const opened = await sendRaw(
      instance.port,
      postBytes(otherToken, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })),
    );
    const session = /^mcp-session-id: (\S+)/im.exec(opened.head)?.[1];
    expect(session).toMatch(/\S/);
    const call = older(session, {
      id: 2,
      method: 'tools/call',
      params: { name: 'echo', arguments: { text: MARK } },
    });
    const reply = await sendRaw(
      instance.port,
      postBytes(instance.token, String(call.body), call.headers as Headers),
    );
    expect([reply.status, reply.json['error']]).toMatchObject([404, { data: { code: 'UNKNOWN_SESSION' } }]);
  });

  it.each(Object.entries(FRAMINGS))('HTTP with %s', async (_, headers) => {
    expect((await post(CALL, headers)).status).toBe(400);
  });

  it('a second request behind the first one of a connection that is closed', async () => {
    const first = postBytes(instance.token, '[]', CURRENT);
    const smuggled = postBytes(instance.token, CALL, CURRENT);
    const reply = await sendRaw(instance.port, Buffer.concat([first, smuggled]));
    expect(reply.status).toBe(400);
    expect(reply.body).not.toContain('HTTP/1.1');
  });
});

it('let the door stay open to what is in order', async () => {
  const reply = await post(CALL.replace(MARK, 'in order'));
  expect(reply.json).toMatchObject({ result: { content: [{ text: 'in order' }] } });
});

describe('afterwards', () => {
  it('nothing of it has reached the upstream, and each kind is counted in one entry', async () => {
    expect(await instance.running.end()).toBe('0');
    const arrived = received(instance.ground);
    expect(arrived).toContain('in order');
    expect(arrived).not.toContain(MARK);
    expect(arrived.match(/"method":"tools\/call"/g)).toHaveLength(1);
    const refused = await instance.ground.entries('instance.refused');
    const counted: Record<string, unknown> = {};
    for (const { code, agent, count } of refused) {
      const key = `${String(agent ?? 'nobody')} ${String(code)}`;
      counted[key] = Number(counted[key] ?? 0) + Number(count);
    }
    const expected: Record<string, number> = { 'writer UNKNOWN_SESSION': 1 };
    for (const { code, nobody } of Object.values(ATTACKS)) {
      const key = `${nobody ? 'nobody' : 'writer'} ${code}`;
      expected[key] = (expected[key] ?? 0) + 1;
    }
    // The one before what was smuggled, and that.
    expected['writer BATCH'] = (expected['writer BATCH'] ?? 0) + 1;
    expected['nobody BAD_HTTP'] = Object.keys(FRAMINGS).length + 1;
    expect(counted).toEqual(expected);
    expect(await instance.newActions()).toHaveLength(2);
    expect(JSON.stringify(refused)).not.toContain(MARK);
    expect(instance.running.stderr).not.toMatch(/\bat .*\.ts:\d+/);
    await instance.expectLogToHold();
  });
});
