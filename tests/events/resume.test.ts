import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { older, openSession, type RunningDoor, send, startDoor } from '../doors/agents/running-door.ts';
import { callsIn, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { connectClient } from './connect.ts';
import { EventGround } from './ground.ts';
import { type Headers, idsIn, inSession, openStream, type Stream } from './open-stream.ts';

/** Answers that become streams (2025-11-25, "Resumability and Redelivery"): who may take them up, and what runs meanwhile. */

let door: RunningDoor;
let session: string;
beforeEach(async () => {
  door = await startDoor({ lingerMs: 60_000 });
  session = await openSession(door.port);
});
afterEach(() => door.stop());

const STREAM_FIRST = {
  'content-type': 'application/json',
  accept: 'text/event-stream, application/json',
};
let ids = 0;

/** A call whose answer the client would rather have as a stream. */
function call(
  name: string,
  more: { headers?: Headers; progress?: string; key?: string } = {},
): Promise<Stream> {
  const _meta = more.progress === undefined ? {} : { _meta: { progressToken: more.progress } };
  const message = {
    jsonrpc: '2.0',
    id: ++ids,
    method: 'tools/call',
    params: { name, arguments: {}, ..._meta },
  };
  const headers = { ...inSession(more.key ?? session), ...STREAM_FIRST, ...more.headers };
  return openStream(door.port, headers, '/mcp/files', JSON.stringify(message));
}

const back = (id: string, more: Headers = {}, path?: string): Promise<Stream> =>
  openStream(door.port, { ...inSession(session, { 'last-event-id': id }), ...more }, path);
const signal = () => door.corridor.seen[0]?.control.signal;
const lastId = (stream: Stream) => idsIn(stream.text()).at(-1) ?? '';

/** A call that was begun, and whose client went away with an id. */
async function broken(progress?: string): Promise<string> {
  const stream = await call('slow', progress === undefined ? {} : { progress });
  await stream.holds(progress === undefined ? '\ndata: \n\n' : '"progress":2');
  const id = lastId(stream);
  stream.close();
  await stream.ended;
  return id;
}

describe('a client whose stream broke', () => {
  it('was told an id first, and is given the answer behind it; the call ran once', async () => {
    const stream = await call('slow');
    await stream.holds('\n\n');
    expect(stream.text()).toMatch(/^id: [\w-]{16}-0\nretry: \d+\ndata: \n\n$/);
    stream.close();
    await stream.ended;
    expect(signal()?.aborted).toBe(false);
    door.corridor.finishSlow();
    for (const _ of ['once', 'and again']) {
      const again = await back(lastId(stream));
      await again.ended;
      expect([again.status, again.headers['content-type']]).toEqual([200, 'text/event-stream']);
      expect(again.text()).toContain(
        `"id":${ids},"result":{"content":[{"type":"text","text":"slow but done"}]}`,
      );
      expect(idsIn(again.text())).toHaveLength(1);
    }
    expect(door.corridor.seen).toHaveLength(1);
  });

  it('goes on hearing of a call that still runs, behind what it has heard', async () => {
    const stream = await call('slow', { progress: 'mine' });
    await stream.holds('"progress":2');
    const [primed = '', first = '', second = ''] = idsIn(stream.text());
    stream.close();
    const [all, rest] = [await back(primed), await back(first)];
    await rest.holds('"progress":2');
    expect(idsIn(rest.text())).toEqual([second]);
    await all.ended; // One connection at a time: the later one has it.
    door.corridor.finishSlow();
    await rest.ended;
    expect(rest.text()).toContain('slow but done');
    expect(door.corridor.seen).toHaveLength(1);
  });

  it('ends the call where it says so, and is told that it ended', async () => {
    const id = await broken();
    const aborted = door.corridor.next('aborted');
    await send(door.port, older(session, { method: 'notifications/cancelled', params: { requestId: ids } }));
    await aborted;
    const again = await back(id);
    await again.ended;
    expect(again.text()).toContain('CANCELLED');
  });

  it('is let go to come back where the upstream lets go of its stream', async () => {
    let finish: () => void = () => undefined;
    door.corridor.script = async ({ control }) => {
      control.onBroken?.();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { kind: 'result', action: 'a', result: { content: [] } };
    };
    // Whatever it would rather have: it is told an id in any case.
    const stream = await call('echo', { headers: { accept: 'application/json, text/event-stream' } });
    await stream.ended;
    expect(stream.text()).toMatch(/^id: \S+\nretry: \d+\ndata: \n\n$/);
    const again = await back(lastId(stream));
    finish();
    await again.ended;
    expect(again.text()).toContain('"result":{"content":[]}');
  });

  it('is still given the answer when more was told than is kept', async () => {
    door.corridor.script = async ({ control }) => {
      for (let i = 0; i < 4 * LIMITS.keptEvents; i++)
        control.onProgress?.({ progress: i, message: 'x'.repeat(9000) });
      const said: JsonObject = { content: [{ type: 'text', text: 'y'.repeat(2 * LIMITS.keptEventsLength) }] };
      return { kind: 'result', action: 'a', result: said };
    };
    const stream = await call('echo', { progress: 'mine' });
    await stream.ended;
    const again = await back(idsIn(stream.text())[0] ?? '');
    await again.ended;
    expect(again.text()).toContain('y'.repeat(2 * LIMITS.keptEventsLength));
    expect(idsIn(again.text()).length).toBeLessThan(LIMITS.keptEvents);
  });
});

describe('an id', () => {
  it('opens nothing for another session, another agent, or nobody', async () => {
    const id = await broken();
    const [own, theirs] = [
      await openSession(door.port),
      await openSession(door.port, { headers: { authorization: 'Bearer token-other' } }),
    ];
    const other = { authorization: 'Bearer token-other' };
    const tries = [
      { given: { 'mcp-session-id': own }, status: 400 },
      { given: { 'mcp-session-id': theirs, ...other }, status: 400 },
      { given: other, status: 404 },
      { given: {}, path: '/mcp', status: 404 },
      { given: { authorization: undefined }, status: 401 },
      { given: { 'mcp-session-id': undefined }, status: 405 },
      { given: { 'mcp-protocol-version': '2025-06-18' }, status: 400 },
    ];
    for (const { given, path, status } of tries)
      expect([given, (await back(id, given, path)).status]).toEqual([given, status]);
    const name = id.slice(0, -2);
    for (const made of [
      `${name}-1`,
      `${name}-00000000000000001`,
      `${name}--0`,
      name,
      '-0',
      `${id} `,
      'x-0',
      `${id},${id}`,
    ])
      expect([made, (await back(made)).status]).toEqual([made, made === `${id} ` ? 200 : 400]);
    expect(door.corridor.seen).toHaveLength(1);
  });

  it('opens nothing after its session has ended', async () => {
    const id = await broken();
    const aborted = door.corridor.next('aborted');
    await send(door.port, { method: 'DELETE', headers: inSession(session) });
    await aborted;
    expect((await back(id)).status).toBe(404);
  });

  it('is forgotten when more answers are kept than there is room for', async () => {
    const [first, ...rest] = await Promise.all(
      Array.from({ length: LIMITS.keptStreams + 1 }, () => call('echo')),
    );
    const streams = [first, ...rest].flatMap((stream) => (stream === undefined ? [] : [stream]));
    await Promise.all(streams.map(({ ended }) => ended));
    const statuses = await Promise.all(streams.map(async (one) => (await back(lastId(one))).status));
    expect(statuses.filter((status) => status === 400)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMITS.keptStreams);
  });
});

describe('a call is cancelled', () => {
  it('where its client had no id to come back with', async () => {
    const aborted = door.corridor.next('aborted');
    const begun = door.corridor.next('begun');
    const old = { 'mcp-protocol-version': '2025-03-26' };
    const stream = await call('slow', { headers: old });
    await begun;
    expect(stream.text()).toBe('');
    stream.close();
    await aborted;
  });

  it('where its client does not come back', async () => {
    const brief = await startDoor({ lingerMs: 20 });
    const key = await openSession(brief.port);
    const aborted = brief.corridor.next('aborted');
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow', arguments: {} } };
    const headers = { ...inSession(key), ...STREAM_FIRST };
    const stream = await openStream(brief.port, headers, '/mcp/files', JSON.stringify(message));
    await stream.holds('data: \n\n');
    stream.close();
    await aborted;
    await brief.stop();
  });
});

describe('a list', () => {
  it.each([
    ['text/event-stream, application/json', 'text/event-stream'],
    ['application/json, text/event-stream', 'application/json'],
    ['*/*', 'application/json'],
  ])('for a client that accepts %s is %s', async (accept, type) => {
    const { headers, body } = older(session, { id: 1, method: 'tools/list' });
    const reply = await send(door.port, { headers: { ...headers, accept }, body: String(body) });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, type]);
    expect(reply.text).toContain('"tools":[');
  });
});

it('through a whole instance, over an upstream that lets go of its streams, a call arrives there once', async () => {
  const far = await startHttpFixture('hostile-http.mjs', '--resumable');
  const ground = await EventGround.start({ upstreams: { far: { url: far.url, catalog: 'plain' } } });
  const client = await connectClient(ground, 'SDK 1.x, HTTP', 'far');
  expect(await client.call('resumed', {})).toMatchObject({ content: [{ text: 'resumed' }] });
  expect(callsIn(await far.received(), 'resumed')).toHaveLength(1);
  expect((await ground.newActions()).map(({ kind }) => kind)).toEqual(['action.decided', 'action.outcome']);
  await client.close();
  await ground.stop();
  await far.stop();
});
