import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Client as CurrentClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as CurrentStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { createIds } from '../../../src/base/ids.ts';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { serveStdio } from '../../../src/doors/mcp/agent-side/stdio.ts';
import { ENVELOPE } from './running-door.ts';
import { ScriptedCorridor } from './scripted-corridor.ts';

const CHILD = { command: process.execPath, args: [join(import.meta.dirname, 'stdio-child.ts')] };

describe('a real client over stdio', () => {
  it('SDK 1.x', async () => {
    const client = new OlderClient({ name: 'test', version: '1' });
    await client.connect(new OlderStdio(CHILD));
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('echo');
    expect(await client.callTool({ name: 'echo', arguments: { text: 'hi' } })).toMatchObject({
      content: [{ text: 'hi' }],
    });
    expect(await client.callTool({ name: 'secret', arguments: {} })).toMatchObject({ isError: true });
    await client.close();
  });

  it.each(['auto', 'legacy'] as const)('SDK 2.x, %s', async (mode) => {
    const client = new CurrentClient({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new CurrentStdio(CHILD));
    expect(client.getNegotiatedProtocolVersion()).toBe(mode === 'auto' ? '2026-07-28' : '2025-11-25');
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('echo');
    expect(await client.callTool({ name: 'echo', arguments: { text: 'hi' } })).toMatchObject({
      content: [{ text: 'hi' }],
    });
    expect(await client.callTool({ name: 'secret', arguments: {} })).toMatchObject({ isError: true });
    const told: unknown[] = [];
    const controller = new AbortController();
    const slow = client.callTool(
      { name: 'slow', arguments: {} },
      {
        signal: controller.signal,
        onprogress: (progress) => {
          told.push(progress);
          if (told.length === 2) controller.abort();
        },
      },
    );
    await expect(slow).rejects.toThrow();
    expect(told).toMatchObject([{ progress: 1 }, { progress: 2 }]);
    expect(await client.callTool({ name: 'echo', arguments: { text: 'hi' } })).toMatchObject({
      content: [{ text: 'hi' }],
    });
    await client.close();
  });
});

/** A connection whose two ends the test holds. */
function connect(upstream: string | null = 'files') {
  const corridor = new ScriptedCorridor();
  const input = new PassThrough();
  const output = new PassThrough();
  const logged: string[] = [];
  const face = serveStdio({
    corridor,
    ids: createIds(systemClock),
    clock: systemClock,
    token: 'token-writer',
    from: 'pipe',
    upstream,
    input,
    output,
    version: '0.0.0-test',
    log: (line) => logged.push(line),
  });
  let rest = '';
  const lines: string[] = [];
  const next = async (): Promise<JsonObject> => {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined) {
        const value: unknown = JSON.parse(line);
        return isJsonObject(value) ? value : {};
      }
      const [chunk] = await once(output, 'data');
      rest += String(chunk);
      const parts = rest.split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    }
  };
  const write = (message: JsonObject | string) =>
    input.write(
      typeof message === 'string' ? message : `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`,
    );
  return { corridor, input, output, face, next, write, logged, lines };
}

const call = (id: string | number, name: string, meta: JsonObject = ENVELOPE) => ({
  id,
  method: 'tools/call',
  params: { name, arguments: {}, _meta: meta },
});

describe('the stdio face', () => {
  it('has one session of actions for the connection, whoever says otherwise', async () => {
    const { corridor, write, next } = connect();
    write(call(1, 'echo'));
    expect(await next()).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    write(call(2, 'echo', { ...ENVELOPE, 'dev.lanyard/session': 'mine' }));
    await next();
    write({
      id: 3,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    });
    expect(await next()).toMatchObject({ id: 3, result: { protocolVersion: '2025-06-18' } });
    write(call(4, 'echo', {}));
    expect(await next()).toEqual({
      jsonrpc: '2.0',
      id: 4,
      result: { content: [{ type: 'text', text: '{}' }] },
    });
    expect(new Set(corridor.seen.map((seen) => seen.attempt.session)).size).toBe(1);
    expect(corridor.seen.map((seen) => seen.generation)).toEqual(['2026', '2026', '2025']);
  });

  it('wants a handshake or an envelope', async () => {
    const { write, next } = connect();
    write({ id: 1, method: 'tools/list' });
    expect(await next()).toMatchObject({ id: 1, error: { data: { code: 'SESSION_MISSING' } } });
    write(call(2, 'echo', { 'io.modelcontextprotocol/protocolVersion': '2030-01-01' }));
    expect(await next()).toMatchObject({ id: 2, error: { code: -32022, data: { requested: '2030-01-01' } } });
  });

  it('goes on after lines that are none, too long, or broken across chunks', async () => {
    const { write, next } = connect();
    write('nonsense\n');
    expect(await next()).toMatchObject({ id: null, error: { data: { code: 'BAD_JSON' } } });
    write(`${'x'.repeat(LIMITS.requestBytes)}yy`);
    write('zz\n\r\n\n');
    expect(await next()).toMatchObject({ id: null, error: { data: { code: 'BODY_TOO_LARGE' } } });
    const text = `${JSON.stringify({ jsonrpc: '2.0', ...call(1, 'echo') })}\r\n`;
    write(text.slice(0, 20));
    write(text.slice(20, 21));
    write(text.slice(21) + text.replace('"id":1', '"id":2'));
    expect(await next()).toMatchObject({ id: 1 });
    expect(await next()).toMatchObject({ id: 2 });
    write(`[${text.trim()}]\n`);
    expect(await next()).toMatchObject({ error: { data: { code: 'BATCH' } } });
  });

  const WIDE =
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"n":9007199254740993}}}';
  const long = 'x'.repeat(LIMITS.requestBytes);
  it.each([
    [WIDE, 7, 'NUMBER_OUT_OF_RANGE'],
    [`\ufeff${WIDE}`, 7, 'BAD_JSON'],
    [WIDE.replace('9007199254740993', 'NaN'), 7, 'BAD_JSON'],
    [WIDE.replace('9007199254740993', '"\\ud800"').replace('7', '"a\\"7"'), 'a"7', 'LONE_SURROGATE'],
    [WIDE.replace('9007199254740993', '1,"n":2'), 7, 'DUPLICATE_KEY'],
    [
      `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"text":"${long}","id":8}}`,
      7,
      'BODY_TOO_LARGE',
    ],
    [
      `{"method":"tools/call","params":{"text":"${long}","id":8},"jsonrpc":"2.0","id":"b"}`,
      'b',
      'BODY_TOO_LARGE',
    ],
    [`{"method":"tools/call","params":{"text":"${long}","id":8}}`, null, 'BODY_TOO_LARGE'],
    ['{"jsonrpc":"2.0","id":7,"result":{"n":9007199254740993}}', null, 'NUMBER_OUT_OF_RANGE'],
  ])('refuses what it cannot read under the id of the request: %.120s', async (line, id, code) => {
    const { write, next } = connect();
    write(`${line}\n`);
    expect(await next()).toMatchObject({ id, error: { data: { code } } });
  });

  it('but not under that of a request that runs', async () => {
    const { corridor, write, next } = connect();
    const begun = corridor.next('begun');
    write(call(7, 'slow'));
    await begun;
    write(`${WIDE}\n`);
    expect(await next()).toMatchObject({ id: null, error: { data: { code: 'NUMBER_OUT_OF_RANGE' } } });
  });

  it('cancels by id, says nothing more of it, and refuses an id twice', async () => {
    const { corridor, write, next } = connect();
    const [begun, aborted] = [corridor.next('begun'), corridor.next('aborted')];
    write(call(1, 'slow'));
    await begun;
    write(call(1, 'echo'));
    expect(await next()).toMatchObject({ id: 1, error: { data: { code: 'DUPLICATE_REQUEST_ID' } } });
    write({ method: 'notifications/cancelled', params: { requestId: 1 } });
    await aborted;
    write(call(2, 'echo'));
    expect(await next()).toMatchObject({ id: 2 });
  });

  it('ends a revoked token at its next message', async () => {
    const { corridor, write, next } = connect();
    corridor.revoked.add('token-writer');
    write(call(1, 'echo'));
    expect(await next()).toMatchObject({ id: 1, error: { data: { code: 'TOKEN_REFUSED' } } });
    write({ method: 'notifications/cancelled', params: { requestId: 1 } });
    write('nonsense\n');
    await next();
    expect(corridor.seen).toEqual([]);
    expect(corridor.refusals.map((refusal) => refusal.agent)).toEqual([null, null, null]);
  });

  it('aborts what runs when its client is gone, and lets it end when only the input is', async () => {
    const gone = connect();
    const aborted = gone.corridor.next('aborted');
    const begun = gone.corridor.next('begun');
    gone.write(call(1, 'slow'));
    await begun;
    gone.output.destroy();
    await aborted;
    await gone.face.ended;

    const half = connect();
    const begunToo = half.corridor.next('begun');
    half.write(call(1, 'slow'));
    await begunToo;
    half.input.end();
    await once(half.input, 'end');
    half.corridor.finishSlow();
    expect(await half.next()).toMatchObject({ id: 1, result: { content: [{ text: 'slow but done' }] } });
    await half.face.ended;
  });

  it('stops reading from a client that does not read', async () => {
    const { corridor, input, output, write } = connect();
    const text = 'x'.repeat(LIMITS.streamBufferBytes);
    corridor.script = async () => ({
      kind: 'result',
      action: 'a',
      result: { content: [{ type: 'text', text }] },
    });
    const paused = once(input, 'pause');
    write(call(1, 'echo'));
    write(call(2, 'echo'));
    await paused;
    expect(input.isPaused()).toBe(true);
    const resumed = once(input, 'resume');
    output.resume();
    await resumed;
  });

  it('answers a bug of ours with INTERNAL', async () => {
    const { corridor, write, next, logged } = connect();
    corridor.script = async () => {
      throw new Error('the secret is 42');
    };
    write(call(1, 'echo'));
    expect(await next()).toMatchObject({ id: 1, error: { data: { code: 'INTERNAL' } } });
    expect(logged.join()).not.toContain('42');
  });
});
