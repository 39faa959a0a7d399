import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixture, GovernedInstance, type HttpFixture, startHttpFixture } from '../instance.ts';
import { CLIENTS } from './connect.ts';

/** Clients that stay when the instance is to stop, with calls that never end: it stops all the same. */

let instance: GovernedInstance;
let legacy: HttpFixture;
beforeAll(async () => {
  legacy = await startHttpFixture('legacy-http.mjs', '--sse');
  instance = await GovernedInstance.start((ground) => ({
    upstreams: {
      legacy: { url: legacy.url, catalog: 'plain' },
      own: fixture(ground, join(import.meta.dirname, 'upstream.mjs')),
    },
    plain: ['echo', 'leak', 'steps', 'release', 'hang', 'grow', 'resources/read', 'prompts/get'],
  }));
});
afterAll(async () => {
  await instance.stop();
  await legacy.stop();
});

it('stops within its bounds, and says what it does not know', async () => {
  const running: Promise<unknown>[] = [];
  for (const [, , connect] of CLIENTS) {
    const idle = await connect(instance, 'own');
    expect(await idle.call('echo', { text: 'x' })).toMatchObject({ content: [{ text: 'x' }] });
    const busy = await connect(instance, 'legacy');
    const hanging = busy.call('hang', {}).catch((fault: unknown) => fault);
    running.push(hanging);
    await busy.call('echo', { text: 'after it' });
  }
  const refused = await upgradeWithoutToken(instance.port);
  expect(await instance.running.end()).toBe('0');
  refused.destroy();
  await Promise.all(running);
  const outcomes = (await instance.ground.entries('action.outcome')).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(CLIENTS.length);
  expect(outcomes).not.toContain(undefined);
  await instance.expectLogToHold();
});

/** Refused, and it never closes its side. */
async function upgradeWithoutToken(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  const head = 'Host: 127.0.0.1\r\nUpgrade: lanyard-stdio\r\nConnection: Upgrade\r\n';
  socket.write(`GET /mcp/own HTTP/1.1\r\n${head}\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toContain('HTTP/1.1 401');
  return socket;
}
