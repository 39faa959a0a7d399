import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpFixture, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { CLIENTS, connectClient, type Heard } from './connect.ts';
import { EventGround, stdioFixture } from './ground.ts';

/** Log messages of upstreams: each generation of client over each generation of upstream, over both transports. */

const SECRET = 'kestrel-over-the-hill';
let ground: EventGround;
let older: HttpFixture;
let modern: HttpFixture;
beforeAll(async () => {
  older = await startHttpFixture('eventful-http.mjs');
  modern = await startHttpFixture('eventful-http.mjs', '--modern');
  ground = await EventGround.start({
    upstreams: {
      older: { url: older.url, catalog: 'plain', headers: { 'X-Key': 'env:KEY' } },
      modern: { url: modern.url, catalog: 'plain' },
      'older-stdio': stdioFixture('eventful-stdio.mjs'),
      'modern-stdio': stdioFixture('eventful-stdio.mjs', ['--modern']),
      'older-shared': stdioFixture('eventful-stdio.mjs', [], { shared: true }),
    },
    env: { KEY: SECRET },
  });
});
afterAll(async () => {
  await ground.stop();
  await older.stop();
  await modern.stop();
});

const messages = (heard: readonly Heard[]) =>
  heard.filter(({ method }) => method === 'notifications/message').map(({ params }) => params);

const UPSTREAMS = ['older', 'modern', 'older-stdio', 'modern-stdio'];
const cases = CLIENTS.flatMap((kind) => UPSTREAMS.map((upstream) => ({ kind, upstream })));

describe.each(cases)('$kind over $upstream', ({ kind, upstream }) => {
  it('P8 hears of its own calls what it asked for, clean', async () => {
    const client = await connectClient(ground, kind, upstream);
    await client.setLogLevel('warning');
    await client.call('say', { level: 'info', text: 'too quiet' });
    await client.call('say', { level: 'error', text: `on ${SECRET} \u001b[2J` });
    await client.hears(({ method }) => method === 'notifications/message');
    expect(messages(client.heard)).toEqual([
      { level: 'error', logger: 'eventful', data: 'on [secret] \ufffd[2J' },
    ]);
    await client.close();
  });
});

describe('a client of 2026-07-28', () => {
  it.each(UPSTREAMS)('hears nothing of %s that it did not ask for', async (upstream) => {
    const client = await connectClient(ground, 'SDK 2.x, HTTP', upstream);
    await client.call('say', { level: 'emergency', text: 'unasked' });
    await client.setLogLevel('debug');
    await client.call('say', { level: 'debug', text: 'asked' });
    await client.hears(({ params }) => params?.['data'] === 'asked');
    expect(messages(client.heard)).toHaveLength(1);
    await client.close();
  });
});

describe('a flood of messages', () => {
  it('is cut at its bound, and the answer comes all the same', async () => {
    const client = await connectClient(ground, 'SDK 2.x, HTTP', 'modern');
    await client.setLogLevel('debug');
    const answer = await client.call('say', { level: 'info', text: 'x', times: 1500 });
    expect(answer).toMatchObject({ content: [{ text: 'said' }] });
    await client.hears(() => messages(client.heard).length === 1000);
    expect(messages(client.heard)).toHaveLength(1000);
    await client.close();
  });
});

describe('an upstream that agents share', () => {
  it('tells nobody what it says without saying in which call', async () => {
    const client = await connectClient(ground, 'SDK 1.x, stdio', 'older-shared');
    await client.setLogLevel('debug');
    await client.call('say', { level: 'emergency', text: 'whose is it?' });
    await client.call('echo', { text: 'after it' });
    expect(client.heard).toEqual([]);
    await client.close();
  });
});

it('sets no level while the agent is frozen, and answers why', async () => {
  const client = await connectClient(ground, 'SDK 1.x, HTTP', 'older');
  await ground.operator.stop('agent:writer', 'frozen', 'a test');
  await expect(client.setLogLevel('debug')).rejects.toThrow(/frozen/);
  await ground.operator.release('agent:writer', 'the test goes on');
  await client.setLogLevel('debug');
  await client.close();
});
