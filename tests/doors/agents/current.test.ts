import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES, current, ENVELOPE, type RunningDoor, send, startDoor } from './running-door.ts';

/** 2026-07-28 over raw HTTP. */
describe('a client of 2026-07-28', () => {
  let door: RunningDoor;
  beforeAll(async () => {
    door = await startDoor();
  });
  afterAll(() => door.stop());

  it('discovers the gateway', async () => {
    const reply = await send(door.port, current('server/discover'));
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        supportedVersions: ['2026-07-28'],
        capabilities: { ...CAPABILITIES, extensions: { 'io.modelcontextprotocol/tasks': {} } },
        instructions: 'Files live here.',
        resultType: 'complete',
        ttlMs: 0,
        cacheScope: 'private',
        _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'lanyard', version: '0.0.0-test' } },
      },
    });
  });

  it('lists, with what its generation wants on lists', async () => {
    const reply = await send(door.port, current('tools/list'));
    expect(reply.json['result']).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
    expect(JSON.stringify(reply.json)).toContain('"name":"echo"');
  });

  it('calls a tool, and what is handed in is what the body said', async () => {
    const meta = { 'dev.lanyard/reason': 'to test', 'dev.lanyard/idempotency': 'k1', other: 1 };
    const reply = await send(
      door.port,
      current('tools/call', { name: 'echo', arguments: { text: 'hé' }, _meta: meta }),
    );
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(reply.text)));
    expect(reply.json['result']).toEqual({ content: [{ type: 'text', text: 'hé' }], resultType: 'complete' });
    const seen = door.corridor.seen.at(-1);
    expect(seen?.generation).toBe('2026');
    expect(seen?.control.onProgress).toBeUndefined();
    expect(seen?.attempt).toEqual({
      agent: 'writer',
      session: expect.stringMatching(/^[0-9A-Z]{26}$/),
      token: 'token-writer',
      door: 'mcp',
      upstream: 'files',
      method: 'tools/call',
      name: 'echo',
      arguments: { text: 'hé' },
      reason: 'to test',
      idempotency: 'k1',
    });
  });

  it('is told of a denial in a tool result', async () => {
    const reply = await send(door.port, current('tools/call', { name: 'secret', arguments: {} }));
    expect(reply.status).toBe(200);
    expect(reply.json['result']).toEqual({
      content: [
        {
          type: 'text',
          text: 'Lanyard denied secret (FORBIDDEN): Secrets stay where they are. Rules: no-secrets. Do not try this again in another way; ask the owner of this agent whether it should be allowed.',
        },
      ],
      isError: true,
      resultType: 'complete',
      _meta: {
        'dev.lanyard/decision': {
          decision: 'deny',
          code: 'FORBIDDEN',
          rules: ['no-secrets'],
          reason: 'Secrets stay where they are.',
          action: expect.stringMatching(/^action-/),
        },
      },
    });
  });

  it('is told of a denied read in a JSON-RPC error with the same in its data', async () => {
    const reply = await send(door.port, current('resources/read', { uri: 'file:///secret.txt' }));
    expect(reply.json['error']).toMatchObject({
      code: 403,
      data: { 'dev.lanyard/decision': { decision: 'deny', code: 'FORBIDDEN', rules: ['no-secrets'] } },
    });
  });

  it('is told of a failed call in a tool result that names the action', async () => {
    const reply = await send(door.port, current('tools/call', { name: 'broken', arguments: {} }));
    expect(reply.json['result']).toMatchObject({
      isError: true,
      _meta: { 'dev.lanyard/outcome': { code: 'UPSTREAM_LOST', action: expect.stringMatching(/^action-/) } },
    });
  });

  it('reads a resource that nobody may keep, and gets a prompt', async () => {
    const read = await send(door.port, current('resources/read', { uri: 'file:///a.txt' }));
    expect(read.json['result']).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
    const got = await send(door.port, current('prompts/get', { name: 'greet', arguments: { who: 'Ada' } }));
    expect(JSON.stringify(got.json)).toContain('Hello Ada');
  });

  it('gets upstream errors as they are, but never a code that its generation reserves', async () => {
    for (const [sent, got] of [
      [-32002, -32602],
      [-32077, -32077],
    ]) {
      door.corridor.script = async () => ({
        kind: 'error',
        action: 'a',
        error: { code: sent ?? 0, message: 'no such thing', data: { hint: 1 } },
      });
      const reply = await send(door.port, current('resources/read', { uri: 'file:///a.txt' }));
      expect(reply.status).toBe(200);
      expect(reply.json['error']).toEqual({ code: got, message: 'no such thing', data: { hint: 1 } });
    }
    door.corridor.script = null;
  });

  it('is refused where header and body disagree, or a header is missing', async () => {
    const call = current('tools/call', { name: 'echo', arguments: {} });
    for (const headers of [
      { 'mcp-name': 'secret' },
      { 'mcp-name': undefined },
      { 'mcp-method': 'tools/list' },
      { 'mcp-method': undefined },
      { 'mcp-protocol-version': undefined },
      { 'mcp-protocol-version': '2025-11-25' },
      { 'mcp-name': ['echo', 'echo'] },
    ]) {
      const before = door.corridor.seen.length;
      const reply = await send(door.port, { ...call, headers: { ...call.headers, ...headers } });
      expect(reply.status, JSON.stringify(headers)).toBe(400);
      expect(reply.json['error']).toMatchObject({ code: -32020, data: { code: 'HEADER_MISMATCH' } });
      expect(door.corridor.seen.length).toBe(before);
    }
  });

  it('is refused where an argument and its header disagree', async () => {
    const call = current('tools/call', { name: 'regional', arguments: { region: 'eu' } });
    const good = await send(door.port, { ...call, headers: { ...call.headers, 'mcp-param-region': 'eu' } });
    expect(good.status).toBe(200);
    expect(good.json['result']).toBeDefined();
    for (const region of ['us', undefined, ['eu', 'us']]) {
      const reply = await send(door.port, {
        ...call,
        headers: { ...call.headers, 'mcp-param-region': region },
      });
      expect(reply.status).toBe(400);
      expect(reply.json['error']).toMatchObject({ code: -32020 });
    }
  });

  it('is told which versions there are, and what its envelope lacks', async () => {
    const call = current('tools/list', {
      _meta: { 'io.modelcontextprotocol/protocolVersion': '2030-01-01' },
    });
    const future = await send(door.port, {
      ...call,
      headers: { ...call.headers, 'mcp-protocol-version': '2030-01-01' },
    });
    expect(future.status).toBe(400);
    expect(future.json).toMatchObject({
      id: 1,
      error: {
        code: -32022,
        data: { requested: '2030-01-01', supported: expect.arrayContaining(['2026-07-28']) },
      },
    });
    const bare = await send(door.port, {
      ...current('tools/list'),
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
    expect(bare.status).toBe(400);
    expect(bare.json['error']).toMatchObject({ code: -32602, data: { code: 'BAD_ENVELOPE' } });
  });

  it('gets 404 with -32601 for methods that are unknown, gone or not let through', async () => {
    for (const method of ['no/such', 'ping', 'initialize', 'tasks/list', 'tasks/result']) {
      const reply = await send(door.port, current(method));
      expect(reply.status, method).toBe(404);
      expect(reply.json).toMatchObject({ id: 1, error: { code: -32601 } });
    }
  });

  it('has notifications accepted, unknown ones dropped and counted', async () => {
    const before = door.corridor.refusals.length;
    const body = JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/other',
      params: { _meta: ENVELOPE },
    });
    const reply = await send(door.port, { headers: { 'mcp-protocol-version': '2026-07-28' }, body });
    expect(reply.status).toBe(202);
    expect(reply.text).toBe('');
    expect(door.corridor.refusals.slice(before).map((refusal) => refusal.problem.code)).toEqual([
      'UNKNOWN_METHOD',
    ]);
  });
});
