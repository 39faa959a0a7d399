import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES, current, type RunningDoor, type Send, send, startDoor } from './running-door.ts';

/** A token was good when a request began, and is taken away before it is answered: nobody is told anything by it any more. */

let door: RunningDoor;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.stop());
afterEach(() => door.corridor.revoked.clear());

const initialize: Send = {
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: CAPABILITIES,
      clientInfo: { name: 'a', version: '1' },
    },
  }),
};

describe('P4 a token that is taken away', () => {
  it.each([
    ['tools/list', current('tools/list')],
    ['server/discover', current('server/discover')],
    ['initialize', initialize],
  ])('while %s is worked out: nothing of it is told, and no session is left', async (_what, what) => {
    const { corridor } = door;
    const real = corridor.listing.bind(corridor);
    let asked: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let goOn: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    corridor.listing = async (caller, upstream): ReturnType<typeof real> => {
      asked();
      await released;
      return real(caller, upstream);
    };
    const running = send(door.port, what);
    await begun;
    corridor.revoked.add('token-writer');
    goOn();
    const { status, json, headers } = await running;
    corridor.listing = real;
    expect([status, json['error']]).toMatchObject([401, { data: { code: 'TOKEN_REFUSED' } }]);
    expect(JSON.stringify(json)).not.toContain('Files live here');
    expect(headers).not.toHaveProperty('mcp-session-id');
  });

  it('while a listen subscribes: it is told of nothing, not even that it listens', async () => {
    const { corridor } = door;
    const real = corridor.act.bind(corridor);
    corridor.act = async (...asked) => {
      const answer = await real(...asked);
      for (const { tell } of corridor.listeners)
        tell('notifications/resources/updated', { uri: 'file:///a' });
      corridor.revoked.add('token-writer');
      return answer;
    };
    const notifications = { resourceSubscriptions: ['file:///a'] };
    const { status, json, text } = await send(door.port, current('subscriptions/listen', { notifications }));
    corridor.act = real;
    expect([status, json['error']]).toMatchObject([401, { data: { code: 'TOKEN_REFUSED' } }]);
    expect(text).not.toContain('notifications/');
    expect(corridor.listeners.size).toBe(0);
  });

  it('while a body is on its way: nothing of it is read', async () => {
    const { headers = {}, body } = current('tools/list');
    const whole = String(body);
    const socket = connect({ port: door.port, host: '127.0.0.1' });
    const head = {
      host: '127.0.0.1',
      authorization: 'Bearer token-writer',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'content-length': String(whole.length),
      connection: 'close',
      ...headers,
    };
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    const peers = door.corridor.peers.length;
    socket.write(`POST /mcp/files HTTP/1.1\r\n${lines.join('')}\r\n${whole.slice(0, 10)}`);
    await expect.poll(() => door.corridor.peers.length).toBeGreaterThan(peers);
    door.corridor.revoked.add('token-writer');
    let said = '';
    socket.on('data', (chunk) => {
      said += String(chunk);
    });
    socket.write(whole.slice(10));
    await once(socket, 'close');
    expect(said).toMatch(/^HTTP\/1\.1 401 /);
    expect(said).toContain('TOKEN_REFUSED');
  });
});
