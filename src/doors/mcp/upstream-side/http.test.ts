import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Clients,
  createClients,
  execute,
  httpUpstream,
  textOf,
} from '../../../../tests/fixtures/upstreams/client.ts';
import { callsIn, type HttpFixture, startHttpFixture } from '../../../../tests/fixtures/upstreams/start.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { UpstreamsDeps } from './index.ts';

let clients: Clients | undefined;
const fixtures: HttpFixture[] = [];

afterEach(async () => {
  await clients?.stop();
  await Promise.all(fixtures.splice(0).map((fixture) => fixture.stop()));
});

async function fixture(name: string, ...args: string[]): Promise<HttpFixture> {
  const started = await startHttpFixture(name, ...args);
  fixtures.push(started);
  return started;
}

async function connect(
  url: string,
  limits: UpstreamsDeps['limits'] = {},
  headers: Record<string, string> = {},
): Promise<Clients> {
  clients = createClients([httpUpstream('far', url, headers)], { probeMs: 500, ...limits });
  await clients.start();
  return clients;
}

const BOTH: readonly Generation[] = ['2026', '2025'];

describe('generations', () => {
  test.each([['legacy-http.mjs'], ['legacy-http.mjs', '--sse']])(
    'a server of the older generation (%s %s) is met with a session',
    async (name, ...args) => {
      const far = await fixture(name, ...args);
      const up = await connect(far.url);
      expect(up.get('far')?.generations()).toEqual(['2025']);
      expect(up.listed[0]?.definitions).toMatchObject({
        server: { name: 'legacy' },
        instructions: 'Old and proven.',
      });
      const session = await up.open('far', '2025');
      expect(textOf(await execute(session, 'echo', { text: 'hi' }))).toBe('hi');
      const note = await execute(session, '', { uri: 'note://one' }, { method: 'resources/read' });
      expect(note).toMatchObject({ kind: 'result', result: { contents: [{ text: 'a note' }] } });
      const greeting = await execute(session, 'greet', { who: 'é' }, { method: 'prompts/get' });
      expect(JSON.stringify(greeting)).toContain('Greet é');
      const received = await far.received();
      const [call] = callsIn(received);
      expect(call?.headers).toMatchObject({
        'mcp-protocol-version': '2025-11-25',
        'mcp-session-id': expect.stringMatching(/./),
      });
      expect(call?.headers).not.toHaveProperty('mcp-method');
      expect(JSON.stringify(call?.body?.params)).toBe('{"arguments":{"text":"hi"},"name":"echo"}');
    },
  );

  test('a server of 2026-07-28 is met without one, with the headers it compares', async () => {
    const far = await fixture('modern-http.mjs');
    const up = await connect(far.url);
    expect(up.get('far')?.generations()).toEqual(['2026']);
    const session = await up.open('far', '2026');
    expect(textOf(await execute(session, 'echo', { text: 'hi' }))).toBe('hi');
    expect(textOf(await execute(session, 'routed', { region: 'Åland ' }))).toBe('Åland ');
    const note = await execute(session, '', { uri: 'note://one' }, { method: 'resources/read' });
    expect(note).toMatchObject({ kind: 'result', result: { contents: [{ text: 'a note' }] } });
    const [, routed] = callsIn(await far.received());
    expect(routed?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'routed',
      'mcp-param-region': `=?base64?${Buffer.from('Åland ').toString('base64')}?=`,
    });
    expect(routed?.headers).not.toHaveProperty('mcp-session-id');
    expect(routed?.body?.params?.['_meta']).toEqual({
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'lanyard', version: '0.1.0' },
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    });
  });

  test('a server of both is met in both, each with its own lists', async () => {
    const far = await fixture('modern-http.mjs', '--both');
    const up = await connect(far.url);
    expect(up.get('far')?.generations()).toEqual(BOTH);
    const tools = (generation: Generation) =>
      up.listed.find((l) => l.generation === generation)?.definitions.tools.map((tool) => tool['name']);
    expect(tools('2026')).not.toContain('old');
    expect(tools('2025')).toContain('old');
  });

  test.each(BOTH)('progress is asked for under our own token only where the client asked (%s)', async (g) => {
    const far = await fixture('modern-http.mjs', '--both');
    const session = await (await connect(far.url)).open('far', g);
    const seen: unknown[] = [];
    const onProgress = (params: unknown) => seen.push(params);
    expect(textOf(await execute(session, 'steps', { count: 2 }, { onProgress }))).toBe('done');
    expect(seen).toEqual([
      { progress: 1, total: 2 },
      { progress: 2, total: 2 },
    ]);
    await execute(session, 'steps', { count: 2 });
    const [asked, unasked] = callsIn(await far.received());
    expect(asked?.body?.params).toMatchObject({ _meta: { progressToken: asked?.body?.id } });
    expect(JSON.stringify(unasked?.body)).not.toContain('progressToken');
  });

  test('configured headers are sent, and cannot stand in for those of the protocol', async () => {
    const far = await fixture('legacy-http.mjs');
    const headers = { Authorization: 'Bearer s3cret', 'Mcp-Session-Id': 'forged', Host: 'elsewhere' };
    const session = await (await connect(far.url, {}, headers)).open('far', '2025');
    expect(textOf(await execute(session, 'echo', { text: 'hi' }))).toBe('hi');
    for (const { headers: sent } of await far.received()) {
      expect(sent['authorization']).toBe('Bearer s3cret');
      expect(sent['mcp-session-id']).not.toBe('forged');
      expect(sent['host']).not.toBe('elsewhere');
    }
  });
});

describe('sessions of the older generation', () => {
  test('each agent has its own, and each is ended', async () => {
    const far = await fixture('legacy-http.mjs');
    const up = await connect(far.url);
    for (const agent of ['ada', 'bob', 'ada']) {
      await execute(await up.open('far', '2025', agent), 'echo', { text: agent });
    }
    await up.stop();
    const received = await far.received();
    const ids = callsIn(received).map((request) => request.headers['mcp-session-id']);
    expect(new Set(ids).size).toBe(2);
    expect(ids[2]).toBe(ids[0]);
    expect(received.filter((request) => request.method === 'DELETE')).toHaveLength(3);
  });

  test('a forgotten session fails the call that finds out; it is not sent again, a later one is', async () => {
    const far = await fixture('legacy-http.mjs');
    const up = await connect(far.url, { backoffMs: { first: 1, most: 10 } });
    const session = await up.open('far', '2025');
    await far.poke('/forget-sessions');
    expect(textOf(await execute(session, 'echo', { text: 'first' }))).toContain('error: ');
    expect(callsIn(await far.received())).toHaveLength(1);
    const again = await up.open('far', '2025');
    expect(textOf(await execute(again, 'echo', { text: 'second' }))).toBe('second');
    const texts = callsIn(await far.received()).map(({ body }) =>
      JSON.stringify(body?.params?.['arguments']),
    );
    expect(texts).toEqual(['{"text":"first"}', '{"text":"second"}']);
  });
});

describe.each(BOTH)('a hostile upstream (%s)', (generation) => {
  let elsewhere: HttpFixture;
  let far: HttpFixture;
  beforeAll(async () => {
    elsewhere = await startHttpFixture('hostile-http.mjs');
    far = await startHttpFixture('hostile-http.mjs', '--elsewhere', elsewhere.url);
  });
  afterAll(async () => {
    await Promise.all([elsewhere.stop(), far.stop()]);
  });

  async function hostile(limits: UpstreamsDeps['limits'] = {}) {
    await far.poke('/forget');
    const up = await connect(far.url, { messageBytes: 1_000_000, ...limits }, { Authorization: 'Bearer x' });
    return await up.open('far', generation);
  }

  test.each([
    ['reset', 'lost: UPSTREAM_LOST'],
    ['half', 'lost: UPSTREAM_LOST'],
    ['huge', 'lost: UPSTREAM_ANSWER_TOO_LARGE'],
    ['huge-event', 'lost: UPSTREAM_ANSWER_TOO_LARGE'],
    ['gzip', 'lost: UPSTREAM_FAILED'],
    ['html', 'lost: UPSTREAM_FAILED'],
    ['redirect', 'lost: UPSTREAM_FAILED'],
    ['see-other', 'lost: UPSTREAM_FAILED'],
    ['status-503', 'lost: UPSTREAM_FAILED'],
    ['status-403', 'error: far did not answer properly: HTTP 403.'],
    ['other-id', 'lost: UPSTREAM_FAILED'],
    ['batch', 'lost: UPSTREAM_FAILED'],
    ['accepted', 'lost: UPSTREAM_FAILED'],
    ['no-type', 'lost: UPSTREAM_FAILED'],
    ['other-type', 'lost: UPSTREAM_FAILED'],
    ['crumbs', 'crümbs'],
    ['lingering', 'answered'],
  ])('%s: %s, and sent once', async (tool, expected) => {
    const session = await hostile();
    expect(textOf(await execute(session, tool))).toBe(expected);
    expect(textOf(await execute(session, 'echo', { text: 'next' }))).toBe('next');
    expect(callsIn(await far.received(), tool)).toHaveLength(1);
    expect(await elsewhere.received()).toEqual([]);
  });

  test('a stream that is closed early is taken up where the generation has that; the call is sent once', async () => {
    const session = await hostile({ backoffMs: { first: 1, most: 10 } });
    const reply = await execute(session, 'resumed');
    expect(textOf(reply)).toBe(generation === '2025' ? 'resumed' : 'lost: UPSTREAM_FAILED');
    expect(callsIn(await far.received(), 'resumed')).toHaveLength(1);
    // What the server says of a stream that it no longer knows is no answer to the call.
    expect(textOf(await execute(session, 'forgotten'))).toMatch(/^lost: /);
    expect(callsIn(await far.received(), 'forgotten')).toHaveLength(1);
  });

  test('a connection that is lost in the middle of an answer is taken up behind the last event, where there was one', async () => {
    const session = await hostile({ backoffMs: { first: 1, most: 10 } });
    const reply = textOf(await execute(session, 'dropped'));
    expect(reply).toBe(generation === '2025' ? 'the rest' : 'lost: UPSTREAM_LOST');
    expect(callsIn(await far.received(), 'dropped')).toHaveLength(1);
    expect(textOf(await execute(session, 'reset'))).toBe('lost: UPSTREAM_LOST');
    expect(callsIn(await far.received(), 'reset')).toHaveLength(1);
  });

  test('a server that closes every stream is asked a bounded number of times', async () => {
    const session = await hostile({ backoffMs: { first: 1, most: 10 }, streamsPerCall: 3 });
    expect(textOf(await execute(session, 'restless'))).toMatch(/^lost: /);
    const asked = (await far.received()).filter(({ headers }) => headers['last-event-id'] === 'event-0');
    expect(asked).toHaveLength(generation === '2025' ? 3 : 0);
  });

  test('a stream without end ends at its bound', async () => {
    const session = await hostile({ streamBytes: 500_000 });
    expect(textOf(await execute(session, 'endless'))).toBe('lost: UPSTREAM_ANSWER_TOO_LARGE');
  });

  test('an answer that does not come is lost after its time', async () => {
    const session = await hostile({ callMs: 100 });
    expect(textOf(await execute(session, 'hold'))).toBe('lost: UPSTREAM_TIMEOUT');
    expect(callsIn(await far.received(), 'hold')).toHaveLength(1);
  });

  test('a cancelled call is lost, and the upstream hears of it in the way of its generation', async () => {
    const modern = await fixture('modern-http.mjs', '--both');
    const session = await (await connect(modern.url)).open('far', generation);
    const controller = new AbortController();
    const reply = execute(session, 'hang', {}, { signal: controller.signal });
    while (callsIn(await modern.received(), 'hang').length === 0);
    controller.abort();
    expect(textOf(await reply)).toBe('lost: CANCELLED');
    const told = async () =>
      (await modern.received()).filter(({ body }) => body?.method === 'notifications/cancelled');
    if (generation === '2026') {
      expect(await told()).toEqual([]);
      return;
    }
    while ((await told()).length === 0);
    const [hang] = callsIn(await modern.received(), 'hang');
    expect((await told())[0]?.body?.params).toMatchObject({ requestId: hang?.body?.id });
  });

  test('what it asks of us is refused, or not heard at all', async () => {
    const session = await hostile();
    expect(textOf(await execute(session, 'asks'))).toBe('asked');
    const answers = async () =>
      (await far.received()).flatMap(({ body }) => (body && !('method' in body) ? [body] : []));
    if (generation === '2025') {
      while ((await answers()).length < 2);
      expect(await answers()).toContainEqual(expect.objectContaining({ id: 'b', result: {} }));
      expect(await answers()).toContainEqual(
        expect.objectContaining({ id: 'a', error: expect.objectContaining({ code: -32601 }) }),
      );
    } else {
      await execute(session, 'echo');
      expect(await answers()).toEqual([]);
    }
  });

  test('a server that asks for input first is known to', async () => {
    const session = await hostile();
    const answered = await execute(session, 'input');
    if (generation === '2026') expect(answered).toEqual({ kind: 'input-required', requests: {}, state: 's' });
    // The older generation knows no such answer: it is an ordinary result, and reaches clients as one (answers.ts).
    else expect(answered).toMatchObject({ kind: 'result', result: { resultType: 'input_required' } });
  });
});

test('a server that says it keeps the connection and cuts it under the next call: sent once', async () => {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createHttpServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { id, method, params } = JSON.parse(text) as {
      id: number;
      method: string;
      params: { name: string };
    };
    if (method === 'tools/call') seen.push(params.name);
    if (params.name === 'cut') {
      request.socket.resetAndDestroy();
      return;
    }
    const capabilities = { tools: {} };
    const results: Record<string, object> = {
      initialize: { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 's', version: '1' } },
      'tools/list': { tools: [] },
      'tools/call': { content: [{ type: 'text', text: 'ok' }] },
    };
    const result = results[method];
    const body = { jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: '' } }) };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const session = await (await connect(`http://127.0.0.1:${port}/mcp`)).open('far', '2025');
    expect(textOf(await execute(session, 'fine'))).toBe('ok');
    expect(textOf(await execute(session, 'cut'))).toBe('lost: UPSTREAM_LOST');
    expect(textOf(await execute(session, 'fine'))).toBe('ok');
    expect(seen).toEqual(['fine', 'cut', 'fine']);
  } finally {
    await clients?.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
