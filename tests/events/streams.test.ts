import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import {
  current,
  older,
  openSession,
  type RunningDoor,
  send,
  startDoor,
} from '../doors/agents/running-door.ts';
import { type Headers, idsIn, inSession, openStream, type Stream } from './open-stream.ts';

/** Event streams at the door, byte by byte: whose they are, what their ids open, and how they end. */

let door: RunningDoor;
beforeEach(async () => {
  door = await startDoor();
});
afterEach(() => door.stop());

const open = (headers: Headers, path?: string, post?: string): Promise<Stream> =>
  openStream(door.port, headers, path, post);
const tellAll = (method: string) => {
  for (const listener of door.corridor.listeners) listener.tell(method, {});
};

describe('the stream of a session', () => {
  it('tells under ids of its own, and takes up behind the last that was seen', async () => {
    const session = await openSession(door.port);
    const first = await open(inSession(session));
    expect([first.status, first.headers['content-type']]).toEqual([200, 'text/event-stream']);
    for (const name of ['a', 'b', 'c']) tellAll(`notifications/${name}`);
    await first.holds('notifications/c');
    const ids = idsIn(first.text());
    expect(new Set(ids).size).toBe(3);
    first.close();

    const again = await open(inSession(session, { 'last-event-id': ids[0] ?? '' }));
    await again.holds('notifications/c');
    expect(again.text()).not.toContain('notifications/a');
    expect(idsIn(again.text())).toEqual(ids.slice(1));
    again.close();
  });

  it('is written to once: a second stream ends the first', async () => {
    const session = await openSession(door.port);
    const first = await open(inSession(session));
    const second = await open(inSession(session));
    await first.ended;
    tellAll('notifications/x');
    await second.holds('notifications/x');
    expect(first.text()).not.toContain('notifications/x');
    expect(door.corridor.listeners.size).toBe(1);
    second.close();
  });

  it('takes up nowhere for an id that is another session’s, made up, or gone', async () => {
    const [mine, theirs] = [await openSession(door.port), await openSession(door.port)];
    const stream = await open(inSession(theirs));
    tellAll('notifications/x');
    await stream.holds('notifications/x');
    const [id = ''] = idsIn(stream.text());
    const name = id.slice(0, id.lastIndexOf('-'));
    for (let i = 0; i < LIMITS.keptEvents + 5; i++) tellAll('notifications/y');
    const wrong = [
      [mine, id],
      [theirs, id],
      [theirs, `${name}-999`],
      [theirs, `${name}--1`],
      [theirs, `${name}-1e0`],
      [theirs, 'x'],
      [theirs, '../../etc/passwd'],
    ] as const;
    for (const [session, lastId] of wrong) {
      const refused = await open(inSession(session, { 'last-event-id': lastId }));
      expect([lastId, refused.status]).toEqual([lastId, 400]);
      await refused.holds('UNKNOWN_EVENT');
    }
    stream.close();
  });

  it('is nobody else’s: not another agent’s, another path’s, or one without a token', async () => {
    const session = await openSession(door.port);
    const stream = await open(inSession(session));
    const others = [
      { given: { authorization: 'Bearer token-other' }, path: '/mcp/files', status: 404 },
      { given: {}, path: '/mcp/wiki', status: 404 },
      { given: {}, path: '/mcp', status: 404 },
      { given: { authorization: undefined }, path: '/mcp/files', status: 401 },
      { given: { origin: 'https://evil.example' }, path: '/mcp/files', status: 403 },
      { given: { 'mcp-protocol-version': '2025-06-18' }, path: '/mcp/files', status: 400 },
      { given: { accept: 'application/json' }, path: '/mcp/files', status: 406 },
      { given: { 'mcp-session-id': 'made-up' }, path: '/mcp/files', status: 404 },
      { given: { 'mcp-session-id': undefined }, path: '/mcp/files', status: 405 },
    ];
    for (const { given, path, status } of others)
      expect([given, (await open({ ...inSession(session), ...given }, path)).status]).toEqual([
        given,
        status,
      ]);
    tellAll('notifications/x');
    await stream.holds('notifications/x');
    stream.close();
  });

  it('ends with its session, its listener, and the door', async () => {
    const session = await openSession(door.port);
    const stream = await open(inSession(session));
    await send(door.port, { method: 'DELETE', headers: inSession(session) });
    await stream.ended;
    expect(door.corridor.listeners.size).toBe(0);

    const revoked = await open(inSession(await openSession(door.port)));
    for (const listener of door.corridor.listeners) listener.end();
    await revoked.ended;

    const drained = await open(inSession(await openSession(door.port)));
    await door.door.drain();
    await drained.ended;
  });

  it('keeps what came while nobody listened, within its bounds', async () => {
    const session = await openSession(door.port);
    await send(
      door.port,
      older(session, { id: 1, method: 'resources/subscribe', params: { uri: 'file:///a.txt' } }),
    );
    for (let i = 0; i < 1000; i++)
      for (const listener of door.corridor.listeners)
        listener.tell('notifications/x', { i, fill: 'x'.repeat(50_000) });
    const stream = await open(inSession(session));
    await stream.holds('"i":999');
    expect(stream.text().length).toBeLessThan(LIMITS.keptEventsLength + 10_000);
    stream.close();
  });
});

describe('subscriptions/listen', () => {
  const listen = (filter: object, id: string | number = 7) => {
    const { headers = {}, body } = current('subscriptions/listen', { notifications: { ...filter } }, id);
    const given = {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    return open(given as Record<string, string>, '/mcp/files', String(body));
  };

  it('acknowledges first what it will tell of, and tells nothing else', async () => {
    const stream = await listen({ toolsListChanged: true, promptsListChanged: false, unheardOf: true });
    await stream.holds('acknowledged');
    expect(stream.text()).toContain(
      '"params":{"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/subscriptionId":7}}',
    );
    const [listener] = door.corridor.listeners;
    expect([...(listener?.lists ?? [])]).toEqual(['tools']);
    tellAll('notifications/tools/list_changed');
    await stream.holds('list_changed');
    expect(stream.text()).not.toMatch(/^id:/m);
    stream.close();
    await until(() => door.corridor.listeners.size === 0);
  });

  it('is over at once where nothing is asked for, and says so', async () => {
    const stream = await listen({});
    await stream.ended;
    expect(stream.text()).toContain('"resultType":"complete"');
    expect(door.corridor.listeners.size).toBe(0);
  });

  it('leaves out what is denied, and answers with the denial where that is all there was', async () => {
    const some = await listen({ resourceSubscriptions: ['file:///a.txt', 'file:///secret.txt'] });
    await some.holds('acknowledged');
    expect(some.text()).toContain('"resourceSubscriptions":["file:///a.txt"]');
    some.close();
    const none = await listen({ resourceSubscriptions: ['file:///secret.txt'] });
    await none.ended;
    expect(none.text()).toContain('no-secrets');
    expect(none.text()).not.toContain('acknowledged');
  });

  it('ends with the empty result when Lanyard stops', async () => {
    const stream = await listen({ toolsListChanged: true }, 'mine');
    await stream.holds('acknowledged');
    await door.door.drain();
    await stream.ended;
    expect(stream.text()).toContain('"id":"mine","result":{"resultType":"complete"');
  });

  it('is refused where it asks for what is none, or for too much', async () => {
    const filters = [
      { toolsListChanged: 'yes' },
      { resourceSubscriptions: 'file:///a.txt' },
      { resourceSubscriptions: [1] },
      { resourceSubscriptions: Array.from({ length: 300 }, (_, i) => `file:///${i}`) },
    ];
    for (const filter of filters) expect((await listen(filter)).status).not.toBe(404);
    expect(door.corridor.refusals.map(({ problem }) => problem.code)).toEqual([
      'BAD_PARAMS',
      'BAD_PARAMS',
      'BAD_PARAMS',
      'TOO_MANY_SUBSCRIPTIONS',
    ]);
    expect(door.corridor.listeners.size).toBe(0);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
