import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { CAPABILITIES, older, openSession, type RunningDoor, send, startDoor } from './running-door.ts';

/** 2025-11-25 and 2025-06-18 over raw HTTP. */
/** Not in 2025-06-18. */
const TASKS = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };

describe('a client with a session', () => {
  let nowMs = 0;
  let door: RunningDoor;
  beforeEach(async () => {
    nowMs = 1_000_000;
    door = await startDoor({ clock: { now: () => nowMs, monotonicMs: () => nowMs } });
  });
  afterEach(() => door.stop());

  const initialize = (protocolVersion: unknown) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 'i',
      method: 'initialize',
      params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    });
  const call = (id: string | number, name: string) => ({
    id,
    method: 'tools/call',
    params: { name, arguments: {} },
  });

  it('negotiates: the version asked for, else the newest with sessions', async () => {
    for (const [asked, got] of [
      ['2025-11-25', '2025-11-25'],
      ['2025-06-18', '2025-06-18'],
      ['2024-11-05', '2025-11-25'],
      ['2026-07-28', '2025-11-25'],
    ]) {
      const reply = await send(door.port, { body: initialize(asked) });
      expect(reply.status).toBe(200);
      expect(reply.headers['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(reply.json['result']).toEqual({
        protocolVersion: got,
        capabilities: { ...CAPABILITIES, ...(got === '2025-11-25' ? TASKS : {}) },
        serverInfo: { name: 'lanyard', version: '0.0.0-test' },
        instructions: 'Files live here.',
      });
    }
    const bad = await send(door.port, { body: initialize(7) });
    expect(bad.json['error']).toMatchObject({ code: -32602 });
    expect(bad.headers['mcp-session-id']).toBeUndefined();
  });

  it('shakes hands, pings, lists and calls, all in one session of actions', async () => {
    const session = await openSession(door.port);
    const noted = await send(door.port, older(session, { method: 'notifications/initialized' }));
    expect([noted.status, noted.text]).toEqual([202, '']);
    const pong = await send(door.port, older(session, { id: 1, method: 'ping' }));
    expect(pong.json).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    const listed = await send(door.port, older(session, { id: 2, method: 'tools/list' }));
    expect(Object.keys(listed.json['result'] ?? {})).toEqual(['tools']);
    for (const id of [3, 4]) {
      const reply = await send(door.port, older(session, call(id, 'echo')));
      expect(reply.json).toEqual({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: '{}' }] } });
    }
    const [first, second] = door.corridor.seen;
    expect(first?.generation).toBe('2025');
    expect(first?.attempt.session).toBe(second?.attempt.session);
    expect(first?.attempt.session).not.toBe(session);
    const other = await openSession(door.port);
    await send(door.port, older(other, call(1, 'echo')));
    expect(door.corridor.seen.at(-1)?.attempt.session).not.toBe(first?.attempt.session);
  });

  it('is shown no members of the newer generation', async () => {
    const session = await openSession(door.port);
    door.corridor.script = async () => ({
      kind: 'result',
      action: 'a',
      result: { resultType: 'complete', content: [], ttlMs: 5, cacheScope: 'public' },
    });
    const reply = await send(door.port, older(session, call(1, 'echo')));
    expect(reply.json['result']).toEqual({ content: [] });
  });

  it('is told of unknown methods with 200: a 404 would mean that the session is gone', async () => {
    const session = await openSession(door.port);
    for (const method of ['no/such', 'server/discover', 'tasks/update']) {
      const reply = await send(door.port, older(session, { id: 1, method }));
      expect([reply.status, reply.json['error']]).toMatchObject([200, { code: -32601 }]);
    }
  });

  it('needs a session, its own one, on its own path', async () => {
    const session = await openSession(door.port);
    const ping = { id: 1, method: 'ping' };
    const statusOf = async (what: Parameters<typeof send>[1]) => (await send(door.port, what)).status;
    expect(await statusOf(older(session, ping))).toBe(200);
    expect(await statusOf(older(undefined, ping))).toBe(400);
    expect(await statusOf(older('no-such-session', ping))).toBe(404);
    expect(await statusOf({ ...older(session, ping), path: '/mcp/wiki' })).toBe(404);
    expect(await statusOf({ ...older(session, ping), path: '/mcp' })).toBe(404);
    const stolen = older(session, ping);
    const asOther = { ...stolen, headers: { ...stolen.headers, authorization: 'Bearer token-other' } };
    expect(await statusOf(asOther)).toBe(404);
    expect(await statusOf({ ...asOther, method: 'DELETE', body: '' })).toBe(404);
    expect(await statusOf(older(session, ping))).toBe(200);
    const split = older(session, ping);
    expect(
      await statusOf({ ...split, headers: { ...split.headers, 'mcp-session-id': [session, session] } }),
    ).toBe(400);
    expect(
      await statusOf({ ...split, headers: { ...split.headers, 'mcp-protocol-version': '2025-06-18' } }),
    ).toBe(400);
    expect(
      await statusOf({ ...split, headers: { ...split.headers, 'mcp-protocol-version': '1999-01-01' } }),
    ).toBe(400);
    expect(
      await statusOf({ ...split, headers: { ...split.headers, 'mcp-protocol-version': undefined } }),
    ).toBe(200);
  });

  it('ends its session, and what runs in it', async () => {
    const session = await openSession(door.port);
    const begun = door.corridor.next('begun');
    const running = send(door.port, older(session, call(1, 'slow')));
    await begun;
    const aborted = door.corridor.next('aborted');
    const reply = await send(door.port, { ...older(session, {}), method: 'DELETE', body: '' });
    expect(reply.status).toBe(204);
    await aborted;
    expect((await running).json['result']).toMatchObject({ isError: true });
    expect((await send(door.port, older(session, { id: 2, method: 'ping' }))).status).toBe(404);
    expect((await send(door.port, { ...older(undefined, {}), method: 'DELETE' })).status).toBe(400);
  });

  it('loses an idle session, and only that', async () => {
    const [idle, used] = [await openSession(door.port), await openSession(door.port)];
    nowMs += LIMITS.sessionIdleMs - 1;
    expect((await send(door.port, older(used, { id: 1, method: 'ping' }))).status).toBe(200);
    nowMs += 1;
    expect((await send(door.port, older(idle, { id: 1, method: 'ping' }))).status).toBe(404);
    expect((await send(door.port, older(used, { id: 2, method: 'ping' }))).status).toBe(200);
  });

  it('cannot use an id twice at once, and cancels only its own', async () => {
    const [mine, other] = [await openSession(door.port), await openSession(door.port)];
    const begun = door.corridor.next('begun');
    const running = send(door.port, older(mine, call(7, 'slow')));
    await begun;
    const twice = await send(door.port, older(mine, call(7, 'echo')));
    expect([twice.status, twice.json['error']]).toMatchObject([
      400,
      { data: { code: 'DUPLICATE_REQUEST_ID' } },
    ]);
    // Another session has ids of its own, and "7" is not 7.
    expect((await send(door.port, older(other, call(7, 'echo')))).status).toBe(200);
    expect((await send(door.port, older(mine, call('7', 'echo')))).status).toBe(200);
    const cancel = { method: 'notifications/cancelled', params: { requestId: 7 } };
    expect((await send(door.port, older(other, cancel))).status).toBe(202);
    expect((await send(door.port, older(mine, { ...cancel, params: { requestId: '7' } }))).status).toBe(202);
    expect(door.corridor.seen[0]?.control.signal.aborted).toBe(false);
    expect((await send(door.port, older(mine, cancel))).status).toBe(202);
    expect(door.corridor.seen[0]?.control.signal.aborted).toBe(true);
    expect((await running).json).toMatchObject({ id: 7, result: { isError: true } });
    // Free again afterwards.
    expect((await send(door.port, older(mine, call(7, 'echo')))).status).toBe(200);
  });

  it('sees its calls cancelled when it goes away', async () => {
    const session = await openSession(door.port);
    const { headers, body } = older(session, call(1, 'slow'));
    const [begun, aborted] = [door.corridor.next('begun'), door.corridor.next('aborted')];
    const req = request({
      port: door.port,
      path: '/mcp/files',
      method: 'POST',
      headers: {
        authorization: 'Bearer token-writer',
        'content-type': 'application/json',
        accept: '*/*',
        'mcp-session-id': String(headers?.['mcp-session-id']),
      },
    });
    req.on('error', () => {});
    req.end(body);
    await begun;
    req.destroy();
    await aborted;
    // The id is free again as soon as the exchange is over.
    expect((await send(door.port, older(session, call(1, 'echo')))).status).toBe(200);
  });

  it('has progress under its own token, in a stream that ends with the answer', async () => {
    const session = await openSession(door.port);
    const begun = door.corridor.next('begun');
    const params = { name: 'slow', arguments: {}, _meta: { progressToken: 'mine' } };
    const running = send(door.port, older(session, { id: 9, method: 'tools/call', params }));
    await begun;
    door.corridor.finishSlow();
    const reply = await running;
    expect(reply.headers['content-type']).toBe('text/event-stream');
    expect(reply.headers['x-accel-buffering']).toBe('no');
    const messages = [...reply.text.matchAll(/^event: message\ndata: (.+)$/gm)];
    expect(messages.map(([, data]) => JSON.parse(data ?? ''))).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progress: 1, total: 2, message: 'half', progressToken: 'mine' },
      },
      {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progress: 2, total: 2, progressToken: 'mine' },
      },
      { jsonrpc: '2.0', id: 9, result: { content: [{ type: 'text', text: 'slow but done' }] } },
    ]);
  });

  it('cannot hold more sessions than there is room for', async () => {
    for (let i = 0; i < LIMITS.sessionsPerAgent; i++) await openSession(door.port);
    const full = await send(door.port, { body: initialize('2025-11-25') });
    expect([full.status, full.json['error']]).toMatchObject([429, { data: { code: 'TOO_MANY_SESSIONS' } }]);
    // Another agent has room of its own, and idle sessions make room.
    await openSession(door.port, { headers: { authorization: 'Bearer token-other' } });
    nowMs += LIMITS.sessionIdleMs;
    await openSession(door.port);
  });
});

describe('an answer that takes long', () => {
  it('still names the session that it opens', async () => {
    const door = await startDoor({ keepAliveMs: 5 });
    const listed = Promise.withResolvers<void>();
    const { corridor } = door;
    const listing = corridor.listing.bind(corridor);
    corridor.listing = (...asked) => listed.promise.then(() => listing(...asked));
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    };
    const session = await new Promise<string | undefined>((resolve, reject) => {
      const headers = { authorization: 'Bearer token-writer', 'content-type': 'application/json' };
      const req = request({ port: door.port, path: '/mcp/files', method: 'POST', headers }, (res) => {
        listed.resolve();
        res.resume();
        res.on('end', () => {
          expect(res.headers['content-type']).toBe('text/event-stream');
          resolve(String(res.headers['mcp-session-id']));
        });
      });
      req.on('error', reject);
      req.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }));
    });
    const pong = await send(door.port, older(session, { id: 2, method: 'ping' }));
    expect(pong.json).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
    await door.stop();
  });

  it('becomes a stream that is kept alive, and still one answer', async () => {
    const door = await startDoor({ keepAliveMs: 5 });
    const session = await openSession(door.port);
    let comments = 0;
    const { headers, body } = older(session, {
      id: 1,
      method: 'tools/call',
      params: { name: 'slow', arguments: {} },
    });
    const text = await new Promise<string>((resolve, reject) => {
      const req = request(
        {
          port: door.port,
          path: '/mcp/files',
          method: 'POST',
          headers: {
            authorization: 'Bearer token-writer',
            'content-type': 'application/json',
            'mcp-session-id': String(headers?.['mcp-session-id']),
          },
        },
        (res) => {
          let all = '';
          res.on('data', (chunk: Buffer) => {
            all += chunk.toString();
            comments += chunk.toString().split(':\n\n').length - 1;
            if (comments === 2) door.corridor.finishSlow();
          });
          res.on('end', () => resolve(all));
        },
      );
      req.on('error', reject);
      req.end(body);
    });
    expect(text.replaceAll(/^:\n\n/gm, '').replace(/^id: \S+-1\n/, '')).toBe(
      'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"slow but done"}]}}\n\n',
    );
    await door.stop();
  });
});
