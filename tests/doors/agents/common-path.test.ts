import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject } from '../../../src/base/json.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { current, type Reply, type RunningDoor, send, startDoor } from './running-door.ts';

/** `/mcp`: all upstreams at one address. */
describe('the common path', () => {
  let door: RunningDoor;
  beforeAll(async () => {
    door = await startDoor();
  });
  afterAll(() => door.stop());

  const ask = (method: string, params = {}) => send(door.port, { ...current(method, params), path: '/mcp' });
  const listOf = (reply: Reply, member: string, key: string): unknown[] => {
    const { result } = reply.json;
    const list = isJsonObject(result) ? result[member] : null;
    return Array.isArray(list) ? list.map((item: unknown) => (isJsonObject(item) ? item[key] : item)) : [];
  };

  it('names tools and prompts after their upstreams, and hides what would be too long', async () => {
    const tools = listOf(await ask('tools/list'), 'tools', 'name');
    expect(tools).toEqual([
      'files__echo',
      'files__secret',
      'files__slow',
      'files__broken',
      'files__regional',
      'wiki__search',
      'wiki___odd',
    ]);
    expect(listOf(await ask('prompts/list'), 'prompts', 'name')).toEqual(['files__greet']);
    const hidden = await ask('tools/call', { name: `files__${'n'.repeat(125)}`, arguments: {} });
    expect(hidden.json['error']).toMatchObject({ code: -32602, data: { code: 'UNKNOWN_OPERATION' } });
  });

  it('splits at the first double underscore and nowhere else', async () => {
    await ask('tools/call', { name: 'wiki___odd__end', arguments: {} });
    expect(door.corridor.seen.at(-1)?.attempt).toMatchObject({ upstream: 'wiki', name: '_odd__end' });
    await ask('prompts/get', { name: 'files__greet', arguments: { who: 'Ada' } });
    expect(door.corridor.seen.at(-1)?.attempt).toMatchObject({ upstream: 'files', name: 'greet' });
    const before = door.corridor.seen.length;
    for (const name of [
      'echo',
      '__echo',
      'files__',
      'files_echo',
      'Files__echo',
      '__proto____x',
      'nobody__x',
    ]) {
      const reply = await ask('tools/call', { name, arguments: {} });
      expect(reply.json['error'], name).toMatchObject({ data: { code: 'UNKNOWN_OPERATION' } });
    }
    expect(door.corridor.seen.length).toBe(before);
  });

  it('hides a URI that two upstreams offer, and reads it from neither', async () => {
    const uris = listOf(await ask('resources/list'), 'resources', 'uri');
    expect(uris).toEqual(['file:///a.txt', 'wiki://home']);
    const both = await ask('resources/read', { uri: 'file:///both.txt' });
    expect(both.json['error']).toMatchObject({ data: { code: 'UNKNOWN_OPERATION' } });
  });

  it('reads from whoever lists the URI, or has the only template for it', async () => {
    for (const [uri, upstream] of [
      ['file:///a.txt', 'files'],
      ['wiki://home', 'wiki'],
      ['file:///dir/x', 'files'],
      ['wiki://other', 'wiki'],
    ]) {
      await ask('resources/read', { uri });
      expect(door.corridor.seen.at(-1)?.attempt).toMatchObject({ upstream, name: uri });
    }
    const before = door.corridor.seen.length;
    for (const uri of ['file:///dir/x/y', 'file:///dir/', 'wiki://', 'http://else']) {
      const reply = await ask('resources/read', { uri });
      expect(reply.json['error'], uri).toMatchObject({ data: { code: 'UNKNOWN_OPERATION' } });
    }
    expect(door.corridor.seen.length).toBe(before);
  });

  it('leaves out an upstream that cannot be listed, which by itself says why', async () => {
    expect(door.corridor.upstreams()).toContain('gone');
    const alone = await send(door.port, { ...current('tools/list'), path: '/mcp/gone' });
    expect([alone.status, alone.json['error']]).toMatchObject([
      200,
      { data: { code: 'UPSTREAM_UNAVAILABLE' } },
    ]);
  });
});

describe('pages of a list', () => {
  it('hold everything once, in order, and refuse cursors that are not theirs', async () => {
    const door = await startDoor();
    const count = LIMITS.listPageSize * 2 + 5;
    const tools = Array.from({ length: count }, (_, i) => ({
      name: `t${i}`,
      inputSchema: { type: 'object' },
    }));
    const listing = { tools, prompts: [], resources: [], resourceTemplates: [] };
    door.corridor.listings.set('files', listing);
    const names: unknown[] = [];
    let cursor: unknown;
    let pages = 0;
    do {
      const reply = await send(
        door.port,
        current('tools/list', typeof cursor === 'string' ? { cursor } : {}),
      );
      const result = isJsonObject(reply.json['result']) ? reply.json['result'] : {};
      for (const tool of Array.isArray(result['tools']) ? result['tools'] : []) names.push(tool.name);
      cursor = result['nextCursor'];
      pages++;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(names).toEqual(tools.map((tool) => tool.name));

    const first = await send(door.port, current('tools/list'));
    const good = isJsonObject(first.json['result']) ? String(first.json['result']['nextCursor']) : '';
    const forged = Buffer.from(`tools/list -1 ${count}`).toString('base64url');
    for (const bad of [
      forged,
      `${good}=`,
      'x',
      '',
      7,
      null,
      Buffer.from(`tools/list 1e3 ${count}`).toString('base64url'),
    ]) {
      const reply = await send(door.port, current('tools/list', { cursor: bad }));
      expect(reply.json['error'], String(bad)).toMatchObject({ data: { code: 'BAD_PARAMS' } });
    }
    expect((await send(door.port, current('prompts/list', { cursor: good }))).json['error']).toBeDefined();
    // A list that has changed since does not go on as if it had not.
    door.corridor.listings.set('files', { ...listing, tools: tools.slice(1) });
    expect((await send(door.port, current('tools/list', { cursor: good }))).json['error']).toBeDefined();
    await door.stop();
  });
});

describe('sessions of actions in 2026-07-28', () => {
  const sessionOf = async (door: RunningDoor, token: string, name?: string): Promise<string> => {
    const call = current('tools/call', {
      name: 'echo',
      arguments: {},
      ...(name === undefined ? {} : { _meta: { 'dev.lanyard/session': name } }),
    });
    await send(door.port, { ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } });
    return door.corridor.seen.at(-1)?.attempt.session ?? '';
  };

  it('are one per token until it was idle, and one per name and agent', async () => {
    let nowMs = 5;
    const door = await startDoor({ clock: { now: () => nowMs, monotonicMs: () => nowMs } });
    const first = await sessionOf(door, 'token-writer');
    expect(await sessionOf(door, 'token-writer')).toBe(first);
    expect(await sessionOf(door, 'token-other')).not.toBe(first);
    const named = await sessionOf(door, 'token-writer', 'a');
    expect(named).not.toBe(first);
    expect(named).not.toBe('a');
    expect(await sessionOf(door, 'token-writer', 'a')).toBe(named);
    expect(await sessionOf(door, 'token-writer', 'b')).not.toBe(named);
    expect(await sessionOf(door, 'token-other', 'a')).not.toBe(named);
    nowMs += LIMITS.sessionIdleMs - 1;
    expect(await sessionOf(door, 'token-writer')).toBe(first);
    nowMs += LIMITS.sessionIdleMs;
    expect(await sessionOf(door, 'token-writer')).not.toBe(first);
    expect(await sessionOf(door, 'token-writer', 'a')).not.toBe(named);
    await door.stop();
  });
});
