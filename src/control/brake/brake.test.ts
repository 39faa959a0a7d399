import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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
    ...{ state, stops: join(state, 'outside'), place: { host: '127.0.0.1', port: 0, names: [] } },
    keys: () => (breaks ? (null as unknown as []) : []),
    codes: () => [],
    channel: () => null,
    onTrouble: () => undefined,
    onDeaf: (why) => void said.push(why),
    news: () => ({ atMs: 0, agents: [], upstreams: [], levels: {}, alive: {} }),
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
  await vi.waitFor(() => expect(said).toEqual([null, 'its thread was lost', null]), 20_000);
  expect(brake.url).toBe(url);
  await isWell();
});

test('P4 one whose port is taken meanwhile says so, and listens as soon as it is free', async () => {
  const other = createServer((_request, response) => response.end('not the brake'));
  await open({
    onDeaf(why) {
      if (why === 'its thread was lost') other.listen(Number(new URL(brake.url ?? '').port), '127.0.0.1');
      said.push(why);
    },
  });
  const taken = once(other, 'listening');
  loseThread();
  await taken;
  await vi.waitFor(() => expect(said.join()).toContain('EADDRINUSE'), 20_000);
  expect(said.at(-1)).not.toBeNull();
  other.closeAllConnections();
  other.close();
  await vi.waitFor(() => expect(said.at(-1)).toBeNull(), 20_000);
  await isWell();
});

test('what was wrong with one channel is not said of the next, nor where there is none any more', async () => {
  const troubles: (string | null)[] = [];
  let channel: { readonly url: string } | null = { url: 'http://127.0.0.1:1/topic' };
  await open({ channel: () => channel, onTrouble: (why) => void troubles.push(why) });
  await vi.waitFor(() => expect(troubles.at(-1)).toContain('ECONNREFUSED'), 30_000);
  channel = null;
  brake.tellChannel();
  await vi.waitFor(() => expect(troubles.at(-1)).toBeNull(), 20_000);
});
