import { Client as CurrentClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventGround, stdioFixture } from '../../events/ground.ts';
import { type HttpFixture, startHttpFixture } from '../../fixtures/upstreams/start.ts';
import { EVERYTHING, latest, olderClient, raw, TOOLS, until } from './ground.ts';

/** Calls that run as tasks, where one side or both speak 2025-11-25 (SDK 1.x, experimental). */

let ground: EventGround;
let older: HttpFixture;
let modern: HttpFixture;
beforeAll(async () => {
  [older, modern] = await Promise.all([
    startHttpFixture('tasking-older.mjs'),
    startHttpFixture('tasking-modern.mjs'),
  ]);
  ground = await EventGround.start({
    upstreams: {
      older: { url: older.url, catalog: 'plain', may: ['elicitation'] },
      pipe: stdioFixture('tasking-older.mjs', ['--stdio'], { may: ['elicitation'] }),
      modern: { url: modern.url, catalog: 'plain', may: ['elicitation'] },
    },
    plain: TOOLS,
    rules: EVERYTHING,
  });
}, 60_000);
const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((client) => client.close()));
  await ground?.stop();
  await Promise.all([older?.stop(), modern?.stop()]);
});

async function connected(upstream: string) {
  const found = await olderClient(ground, upstream);
  open.push(found.client);
  return found;
}

/** Every message of one call as a task. */
async function stream(client: OlderClient, name: string, args: Record<string, unknown>) {
  const messages: { readonly type: string; readonly [member: string]: unknown }[] = [];
  const params = { name, arguments: args };
  for await (const message of client.experimental.tasks.callToolStream(params, CallToolResultSchema, {
    task: {},
  }))
    messages.push({ ...message });
  return messages;
}
const idOf = (messages: readonly object[]): string =>
  String((messages[0] as { task?: { taskId?: string } }).task?.taskId);

describe.each(['older', 'pipe'])('SDK 1.x and a server of 2025-11-25 (%s)', (upstream) => {
  it('a call runs as a task of ours, and its outcome is one entry of the same action', async () => {
    const { client } = await connected(upstream);
    const messages = await stream(client, 'bake', { text: 'bread' });
    expect(messages[0]?.type).toBe('taskCreated');
    const id = idOf(messages);
    expect(id).toMatch(/^task-[\w-]{22}$/);
    expect(messages.at(-1)).toEqual({
      type: 'result',
      result: {
        content: [{ type: 'text', text: 'baked bread' }],
        _meta: { theirs: 1, 'io.modelcontextprotocol/related-task': { taskId: id } },
      },
    });
    const entries = await latest(ground, `mcp:${upstream}/bake`);
    expect(entries.map(({ kind }) => kind)).toEqual(['action.decided', 'action.task', 'action.outcome']);
    expect(entries[2]).toMatchObject({ outcome: 'ok' });
    expect(JSON.stringify(entries)).not.toContain(id);
  });

  it('what it asks comes with tasks/result, under its name, and the answer goes back', async () => {
    const { client, asked } = await connected(upstream);
    const messages = await stream(client, 'ask', {});
    expect(asked).toMatchObject([
      {
        message: `[${upstream}] Who are you?`,
        _meta: { 'io.modelcontextprotocol/related-task': { taskId: idOf(messages) } },
      },
    ]);
    expect(JSON.stringify(messages.at(-1))).toContain(
      String.raw`{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}`,
    );
  });

  it('a client that asks for no task gets the result of a tool that has no other form', async () => {
    const { client } = await connected(upstream);
    const result = await client.callTool({ name: 'echo', arguments: { text: 'plain' } });
    expect(result['content']).toEqual([{ type: 'text', text: 'plain' }]);
    const current = new CurrentClient({ name: 'c', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    open.push(current);
    const headers = { authorization: `Bearer ${ground.token}` };
    const url = new URL(`${ground.instance.url}/mcp/${upstream}`);
    await current.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    const roasted = await current.callTool({ name: 'roast', arguments: { text: 'beans' } });
    expect(roasted.content).toEqual([{ type: 'text', text: 'roasted beans' }]);
    expect((await latest(ground, `mcp:${upstream}/roast`)).map(({ kind }) => kind)).toEqual([
      'action.decided',
      'action.outcome',
    ]);
  });

  it('a tool without tasks answers a call that wants one plainly', async () => {
    const { client } = await connected(upstream);
    const params = { name: 'echo', arguments: { text: 'x' }, task: { ttl: 5000 } };
    const result = await client.request({ method: 'tools/call', params }, CallToolResultSchema);
    expect(result.content).toEqual([{ type: 'text', text: 'x' }]);
  });

  it('a failed tool is a failed task, and tasks/result has what it said', async () => {
    const { client } = await connected(upstream);
    const messages = await stream(client, 'burn', {});
    const id = idOf(messages);
    expect(await client.experimental.tasks.getTask(id)).toMatchObject({ status: 'failed' });
    expect(await client.experimental.tasks.getTaskResult(id, CallToolResultSchema)).toMatchObject({
      isError: true,
      content: [{ text: 'burnt' }],
    });
    expect((await latest(ground, `mcp:${upstream}/burn`)).at(-1)).toMatchObject({ outcome: 'failed' });
  });

  it('is cancelled once, at the upstream too, and listed; how it ended is unknown', async () => {
    const { client } = await connected(upstream);
    const { tasks } = client.experimental;
    const params = { name: 'forever', arguments: {} };
    const calling = tasks.callToolStream(params, CallToolResultSchema, { task: {} });
    const { value } = await calling.next();
    const id = String((value as { task?: { taskId?: string } }).task?.taskId);
    expect((await tasks.listTasks()).tasks.map(({ taskId }) => taskId)).toContain(id);
    expect(await tasks.cancelTask(id)).toMatchObject({ taskId: id, status: 'cancelled' });
    await expect(tasks.cancelTask(id)).rejects.toMatchObject({ code: -32602 });
    expect((await latest(ground, `mcp:${upstream}/forever`)).at(-1)).toMatchObject({
      outcome: 'unknown',
      code: 'CANCELLED',
    });
    await calling.return?.(undefined);
  });
});

describe('SDK 1.x and a server of 2026-07-28', () => {
  it('gets the result where it asks for no task, and a task where it does', async () => {
    const { client } = await connected('modern');
    const plain = await client.callTool({ name: 'slow_compute', arguments: { seconds: 0.2 } });
    expect(plain['content']).toEqual([{ type: 'text', text: 'computed' }]);
    const messages = await stream(client, 'slow_compute', { seconds: 0.2 });
    expect(messages[0]?.type).toBe('taskCreated');
    expect(messages.at(-1)).toMatchObject({ type: 'result', result: { content: [{ text: 'computed' }] } });
  });

  it('is asked on tasks/result, or on its own call; each answer is recorded before it is sent', async () => {
    const { client, asked } = await connected('modern');
    const messages = await stream(client, 'confirm_delete', { filename: 'a.txt' });
    expect(messages.at(-1)).toMatchObject({
      type: 'result',
      result: { content: [{ text: 'deleted a.txt' }] },
    });
    const plain = await client.callTool({ name: 'confirm_delete', arguments: { filename: 'b.txt' } });
    expect(plain['content']).toEqual([{ type: 'text', text: 'deleted b.txt' }]);
    expect(asked).toMatchObject([
      { message: '[modern] Delete a.txt?' },
      { message: '[modern] Delete b.txt?' },
    ]);
    const kinds = (await latest(ground, 'mcp:modern/confirm_delete')).map(({ kind }) => kind);
    expect(kinds).toEqual(['action.decided', 'action.continued', 'action.outcome']);
  });
});

describe.each(['older', 'pipe'])('a client of 2026-07-28 and a server of 2025-11-25 (%s)', (upstream) => {
  const at = () => ({ url: ground.instance.url, token: ground.token, upstream });
  const get = (taskId: string) => raw(at(), 'tasks/get', { taskId });

  it('gets a task for a tool that has that form, its result inlined without a trace of the other', async () => {
    const made = await raw(at(), 'tools/call', { name: 'bake', arguments: { text: 'cake' } });
    expect(made.result).toMatchObject({ resultType: 'task', status: 'working' });
    const id = String(made.result['taskId']);
    const done = await until(
      () => get(id),
      ({ result }) => result['status'] === 'completed',
    );
    expect(done.result['result']).toEqual({
      resultType: 'complete',
      content: [{ type: 'text', text: 'baked cake' }],
      _meta: { theirs: 1 },
    });
  });

  it('answers what it asks with tasks/update', async () => {
    const made = await raw(at(), 'tools/call', { name: 'ask', arguments: {} });
    const id = String(made.result['taskId']);
    const asks = await until(
      () => get(id),
      ({ result }) => result['status'] === 'input_required',
    );
    const [key = ''] = Object.keys(asks.result['inputRequests'] ?? {});
    const inputResponses = { [key]: { action: 'accept', content: { name: 'Eve' } } };
    expect((await raw(at(), 'tasks/update', { taskId: id, inputResponses })).result).toEqual({
      resultType: 'complete',
    });
    const done = await until(
      () => get(id),
      ({ result }) => result['status'] === 'completed',
    );
    expect(JSON.stringify(done.result['result'])).toContain('Eve');
  });
});
