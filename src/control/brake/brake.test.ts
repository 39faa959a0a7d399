import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import { Brake, type BrakeParts } from './brake.ts';

let state: string;
let brake: Brake;
let said: (string | null)[];
/** What the thread cannot bear to be told. */
let breaks: boolean;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'brake-'));
  [said, breaks] = [[], false];
});
afterEach(async () => {
  await brake.close();
  rmSync(state, { recursive: true, force: true });
});

async function open(more: Partial<BrakeParts> = {}): Promise<void> {
  brake = new Brake({
    state,
    stops: join(state, 'outside'),
    place: { host: '127.0.0.1', port: 0, names: [] },
    keys: () => (breaks ? JSON.parse('null') : []),
    codes: () => [],
    channel: () => null,
    onTrouble: () => undefined,
    onUnreachable: (why) => void said.push(why),
    news: () => ({ atMs: 0, agents: [], upstreams: [], operations: [], levels: {}, alive: {} }),
    onStop: () => undefined,
    onLost: () => undefined,
    onRefused: () => undefined,
    onLine: () => undefined,
    log: () => undefined,
    ...more,
  });
  await brake.start();
}

function loseThread(): void {
  breaks = true;
  brake.tellKeys();
  breaks = false;
}

const isWell = async () => expect((await fetch(`${brake.url}/healthz`)).status).toBe(200);

test('P4 a thread that is lost is started again, and that it was is told', async () => {
  await open();
  await isWell();
  const { url } = brake;
  loseThread();
  await vi.waitFor(() => expect(said).toEqual([null, 'its thread was lost', null]), 60_000);
  expect(brake.url).toBe(url);
  await isWell();
});

test('P4 one whose port is taken meanwhile says so, and listens as soon as it is free', async () => {
  const other = createServer((_request, response) => response.end('not the brake'));
  await open({
    onUnreachable(why) {
      if (why === 'its thread was lost') other.listen(Number(new URL(brake.url ?? '').port), '127.0.0.1');
      said.push(why);
    },
  });
  const taken = once(other, 'listening');
  loseThread();
  await taken;
  await vi.waitFor(() => expect(said.join()).toContain('EADDRINUSE'), 60_000);
  expect(said.at(-1)).not.toBeNull();
  other.closeAllConnections();
  other.close();
  await vi.waitFor(() => expect(said.at(-1)).toBeNull(), 60_000);
  await isWell();
});

test('what was wrong with one channel is not said of the next, nor where there is none any more', async () => {
  const troubles: (string | null)[] = [];
  let channel: { readonly url: string } | null = { url: 'http://127.0.0.1:1/topic' };
  await open({ channel: () => channel, onTrouble: (why) => void troubles.push(why) });
  await vi.waitFor(() => expect(troubles.at(-1)).toContain('ECONNREFUSED'), 60_000);
  channel = null;
  brake.tellChannel();
  await vi.waitFor(() => expect(troubles.at(-1)).toBeNull(), 60_000);
});

test('what it does not answer is told with a code: upgrades, tunnels, no Host, and what is no request', async () => {
  await open();
  const { port } = new URL(brake.url ?? '');
  for (const [bytes, expected] of [
    ['GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', '400 NO_UPGRADE'],
    ['CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', '405 METHOD_NOT_ALLOWED'],
    ['GET /stop HTTP/1.1\r\nConnection: close\r\n\r\n', '400 HOST_MISSING'],
    ['HELO\r\n\r\n', '400 BAD_HTTP'],
    [
      `POST /stop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${LIMITS.brakeBodyBytes + 1}\r\n\r\n${'x'.repeat(LIMITS.brakeBodyBytes + 1)}`,
      '413 BODY_TOO_LARGE',
    ],
    [
      'POST /stop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n',
      '415 UNSUPPORTED_MEDIA_TYPE',
    ],
    ['POST /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', '405 METHOD_NOT_ALLOWED'],
  ] as const) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    const [, status] = /^HTTP\/1.1 (\d+)/.exec(text) ?? [];
    expect(`${status} ${/"code":"(\w+)"/.exec(text)?.[1]}`).toBe(expected);
  }
});
