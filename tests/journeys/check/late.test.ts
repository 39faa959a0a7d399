import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GovernedInstance, postBytes, sendRaw } from '../instance.ts';
import { actionOf, ask, EVALUATION, OUTCOME, pointToken, reading, startChecked } from './client.ts';

/** What was good when a request came in at the check door, and is not when its answer could leave. */

let instance: GovernedInstance;
let gate: string;
beforeAll(async () => {
  instance = await startChecked();
  gate = await pointToken(instance);
});
afterAll(() => instance.stop());

/** A connection, and all that came back on it so far. */
async function connected(): Promise<{ readonly socket: Socket; received(): string }> {
  const socket = createConnection({ port: instance.port, host: '127.0.0.1' });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  await once(socket, 'connect');
  return { socket, received: () => text };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('P4 at the check door', () => {
  it('a question that waits behind a stream on its connection is decided when it is answered: after a stop, no', async () => {
    const opened = await sendRaw(
      instance.port,
      postBytes(
        instance.token,
        JSON.stringify({
          jsonrpc: '2.0',
          id: 0,
          method: 'initialize',
          params: {
            protocolVersion: '2025-11-25',
            capabilities: {},
            clientInfo: { name: 'a', version: '1' },
          },
        }),
        {},
        '/mcp/files',
      ),
    );
    const [, session = ''] = /^mcp-session-id: (\S+)/im.exec(opened.head) ?? [];
    const { socket, received } = await connected();
    const lines = `Host: 127.0.0.1\r\nAuthorization: Bearer ${instance.token}\r\nMcp-Session-Id: ${session}\r\n`;
    const stream = `GET /mcp/files HTTP/1.1\r\n${lines}Accept: text/event-stream\r\n\r\n`;
    const question = postBytes(gate, JSON.stringify(reading('a.txt')), { accept: undefined }, EVALUATION);
    socket.write(Buffer.concat([Buffer.from(stream), question]));
    await until(() => received().includes('text/event-stream'));
    expect((await ask(instance, gate, EVALUATION, reading('a.txt'))).json).toMatchObject({ decision: true });
    expect(await instance.ground.run('stop agent:writer --why late')).toMatchObject({ code: 0 });
    await fetch(`${instance.url}/mcp/files`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${instance.token}`, 'mcp-session-id': session },
    });
    await once(socket, 'close');
    expect(received()).toContain('"decision":false');
    expect(received()).toContain('"code":"FROZEN"');
    expect(received()).not.toContain('"decision":true');
    await instance.ground.run('release agent:writer --why over');
  });

  it('an outcome whose teller loses its token before the end of the body is not taken', async () => {
    const token = await pointToken(instance, 'watcher');
    const action = actionOf((await ask(instance, token, EVALUATION, reading('a.txt'))).json);
    const { socket, received } = await connected();
    const bytes = postBytes(
      token,
      JSON.stringify({ action, outcome: 'ok' }),
      { accept: undefined, expect: '100-continue' },
      OUTCOME,
    );
    socket.write(bytes.subarray(0, -1));
    await until(() => received().includes('100 Continue'));
    expect(await instance.ground.run('point revoke watcher')).toMatchObject({ code: 0 });
    socket.write(bytes.subarray(-1));
    await once(socket, 'close');
    expect(received()).toMatch(/HTTP\/1\.1 401 .*"TOKEN_REFUSED: /s);
    const told = (await instance.ground.entries('action.outcome')).filter((one) => one['action'] === action);
    expect(told).toEqual([]);
  });
});
