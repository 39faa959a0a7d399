import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Clients,
  createClients,
  execute,
  httpUpstream,
  stdioUpstream,
  textOf,
} from '../../../../tests/fixtures/upstreams/client.ts';
import { type HttpFixture, startHttpFixture } from '../../../../tests/fixtures/upstreams/start.ts';
import { freePort } from '../../../../tests/journeys/people-ground.ts';
import type { UpstreamConfig } from './config.ts';

let clients: Clients | undefined;
const fixtures: HttpFixture[] = [];

afterEach(async () => {
  await clients?.stop();
  await Promise.all(fixtures.splice(0).map((fixture) => fixture.stop()));
});

async function fixture(name: string, ...args: string[]): Promise<HttpFixture> {
  const started = await startHttpFixture(name, ...args);
  fixtures.push(started);
  return started;
}

/** A server of the older generation that answers `initialize` and nothing else. */
const GREETS_ONLY = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const result = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'slow', version: '1' } };
  if (method === 'initialize') console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
});`;

/** Small bounds under which everything that happens at intervals happens now. */
const brisk = { probeMs: 20_000, relistGapMs: 1, backoffMs: { first: 1, most: 20 } };

function clientsOf(...args: Parameters<typeof createClients>): Clients {
  clients = createClients(...args);
  return clients;
}

const lastTools = (up: Clients) => up.listed.at(-1)?.definitions.tools ?? [];

describe('what an upstream lists', () => {
  test('a later list that differs is told at the next interval', async () => {
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs', ['--rug-pull', '3']);
    const up = clientsOf([config], { ...brisk, pinCheckMs: 20 });
    await up.start();
    expect(lastTools(up)[0]).toMatchObject({ name: 'echo', description: 'Harmless' });
    await up.when(() => (lastTools(up)[0]?.['description'] === 'Harmless' ? undefined : true));
    expect(lastTools(up)[0]).toMatchObject({ description: 'Now also deletes everything' });
  });

  test('pages that come one by one and never end are given up on', async () => {
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs', ['--drip', '2']);
    const up = clientsOf([config], {
      ...brisk,
      connectMs: 2000,
      pinCheckMs: 20,
      listPages: Number.POSITIVE_INFINITY,
    });
    await up.start();
    const late = await up.when(() => up.log.find((line) => line.includes('could not be read')));
    expect(late).toContain('did not answer within 2000 ms');
    expect(up.get('hostile')?.generations()).toEqual(['2025']);
  });

  test('a change that is announced is read: by the agent’s session, for that session', async () => {
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs', ['--rug-pull', '2']);
    const up = clientsOf([config], brisk);
    await up.start();
    const session = await up.open('hostile', '2025');
    const before = session.definitions();
    await execute(session, 'change');
    while (session.definitions() === before) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(session.definitions().tools[0]).toMatchObject({ description: 'Now also deletes everything' });
    expect(lastTools(up)[0]).toMatchObject({ description: 'Harmless' });
  });

  test('a change announced on the stream of a session is read (2025 over HTTP)', async () => {
    const far = await fixture('legacy-http.mjs');
    const up = clientsOf([httpUpstream('far', far.url)], brisk);
    await up.start();
    const session = await up.open('far', '2025');
    const streams = async () => (await far.received()).filter((request) => request.method === 'GET').length;
    while ((await streams()) < 2);
    const before = session.definitions().tools.length;
    await execute(session, 'grow');
    while (session.definitions().tools.length === before) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(session.definitions().tools).toHaveLength(before + 1);
  });

  test('a change announced on a subscription is read (2026-07-28 over HTTP)', async () => {
    const far = await fixture('modern-http.mjs');
    const up = clientsOf([httpUpstream('far', far.url)], brisk);
    await up.start();
    const subscribed = async () =>
      (await far.received()).some(({ body }) => body?.method === 'subscriptions/listen');
    while (!(await subscribed()));
    const before = up.listed.length;
    await far.poke('/changed');
    await up.when(() => (up.listed.length > before ? true : undefined));
    expect(up.get('far')?.generations()).toEqual(['2026']);
  });

  test.each(['2026', '2025'] as const)('a change announced by a child is read (%s)', async (generation) => {
    const up = clientsOf([stdioUpstream('both', 'both-stdio.mjs')], brisk);
    await up.start();
    const session = await up.open('both', generation);
    const before = session.definitions().tools.length;
    await execute(session, 'grow');
    while (session.definitions().tools.length === before) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(session.definitions().tools).toHaveLength(before + 1);
  });

  test('list asks now, and many who ask at once share a reading that began after they asked', async () => {
    const far = await fixture('modern-http.mjs');
    const up = clientsOf([httpUpstream('far', far.url)], brisk);
    await up.start();
    const upstream = up.get('far');
    const lists = async () =>
      (await far.received()).filter(({ body }) => body?.method === 'tools/list').length;
    const before = await lists();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => upstream?.list('2026')));
    expect(answers.every((answer) => answer?.ok)).toBe(true);
    expect(await lists()).toBe(before + 2);
    expect(await upstream?.list('2025')).toMatchObject({
      ok: false,
      error: { code: 'UPSTREAM_UNAVAILABLE' },
    });
  });
});

describe('coming and going', () => {
  test('a server that comes later is connected later, and denied until then', async () => {
    const port = await freePort();
    const up = clientsOf([httpUpstream('far', `http://127.0.0.1:${port}/mcp`)], brisk);
    void up.start();
    const upstream = up.get('far');
    expect(await up.when(() => up.log[0])).toContain('no connection (ECONNREFUSED)');
    expect(upstream?.generations()).toEqual([]);
    expect(await upstream?.session('writer', '2026')).toMatchObject({ ok: false });
    await fixture('modern-http.mjs', '--port', String(port));
    await up.when(() => (upstream?.generations().length === 1 ? true : undefined));
    const session = await up.open('far', '2026');
    expect(textOf(await execute(session, 'echo', { text: 'there' }))).toBe('there');
  });

  test('a server that goes is noticed at the next interval', async () => {
    const far = await fixture('modern-http.mjs');
    const up = clientsOf([httpUpstream('far', far.url)], { ...brisk, pinCheckMs: 20 });
    await up.start();
    await far.stop();
    await up.when(() => (up.get('far')?.generations().length === 0 ? true : undefined));
    expect(up.log.join('\n')).toContain('upstream far was lost');
  });

  test('the process that belongs to no agent is started again, and what it lists told again', async () => {
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs', [], { shared: true });
    const up = clientsOf([config], brisk);
    await up.start();
    const session = await up.open('hostile', '2025');
    expect(textOf(await execute(session, 'die'))).toBe('lost: UPSTREAM_LOST');
    await up.when(() => (up.listed.length === 2 ? true : undefined));
    expect(up.get('hostile')?.generations()).toEqual(['2025']);
    const again = await up.open('hostile', '2025');
    expect(textOf(await execute(again, 'echo', { text: 'again' }))).toBe('again');
  });

  test('first calls of one agent that come together start one process', async () => {
    const up = clientsOf([stdioUpstream('hostile', 'hostile-stdio.mjs')], brisk);
    await up.start();
    const sessions = await Promise.all([1, 2, 3].map(() => up.open('hostile', '2025')));
    expect(new Set(sessions).size).toBe(1);
  });

  test('a process that keeps crashing is started less and less often; until then its agent is refused', async () => {
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs');
    const up = clientsOf([config], { ...brisk, backoffMs: { first: 20, most: 60_000 }, backoffWaitMs: 100 });
    await up.start();
    let crashes = 0;
    let answer = await up.get('hostile')?.session('writer', '2025');
    while (answer?.ok) {
      await execute(answer.value, 'die');
      crashes++;
      answer = await up.get('hostile')?.session('writer', '2025');
    }
    expect(answer).toMatchObject({ ok: false, error: { code: 'UPSTREAM_UNAVAILABLE' } });
    expect(crashes).toBe(4); // waits of 20, 40 and 80 ms are waited for, one of 160 is not
    expect((await up.get('hostile')?.session('other', '2025'))?.ok).toBe(true);
    // Once its time has come, it is started again.
    while (!(await up.get('hostile')?.session('writer', '2025'))?.ok) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  test('shared over HTTP: one session for all', async () => {
    const far = await fixture('legacy-http.mjs');
    const up = clientsOf([httpUpstream('far', far.url, {}, true)], brisk);
    await up.start();
    for (const agent of ['ada', 'bob']) {
      await execute(await up.open('far', '2025', agent), 'echo', { text: '' });
    }
    const ids = (await far.received()).flatMap(({ headers }) => headers['mcp-session-id'] ?? []);
    expect(new Set(ids).size).toBe(1);
  });

  test('what the system does not even take is said, and hurts nobody else', async () => {
    const broken = {
      ...stdioUpstream('nul', 'x.mjs'),
      kind: 'stdio',
      command: ['a\0b'],
      cwd: '/',
      env: {},
    } as const;
    const up = clientsOf(
      [broken, httpUpstream('odd', 'ftp://127.0.0.1/'), stdioUpstream('hostile', 'hostile-stdio.mjs')],
      brisk,
    );
    void up.start();
    const met = () => up.get('hostile')?.generations();
    expect(await up.when(() => (met()?.length === 1 ? met() : undefined))).toEqual(['2025']);
    for (const id of ['nul', 'odd']) {
      expect(up.log.join('\n')).toContain(
        `${id} did not answer properly: it cannot be reached as it is configured`,
      );
      expect(up.get(id)?.generations()).toEqual([]);
    }
  });

  test('one that shuts its door, or has none there, is told with what to look at', async () => {
    const door = createServer(({ url }, response) => response.writeHead(url === '/shut' ? 401 : 404).end());
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    const address = door.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const up = clientsOf(
      [httpUpstream('shut', `${origin}/shut`), httpUpstream('wall', `${origin}/wall`)],
      brisk,
    );
    void up.start();
    const why = (id: string) => up.log.find((line) => line.startsWith(`upstream ${id} is not connected: `));
    await up.when(() => (['shut', 'wall'].every((id) => why(id) !== undefined) ? true : undefined));
    await up.stop();
    clients = undefined;
    door.close();
    expect(why('shut')).toMatch(
      /HTTP 401, so it does not take what `headers` of its configuration give it\.$/,
    );
    expect(why('wall')).toMatch(/HTTP 404, so its `url` is not that of an MCP server\.$/);
  });

  test('one that is there and says nothing is told as that, how far it came, and what would show more', async () => {
    const program = (id: string, script: string): UpstreamConfig => ({
      ...stdioUpstream(id, 'x.mjs'),
      kind: 'stdio',
      command: [process.execPath, '-e', script],
      cwd: '/',
      env: {},
    });
    const deaf = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const address = deaf.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const up = clientsOf(
      [
        program('mute', 'process.stdin.resume()'),
        program('slow', GREETS_ONLY),
        httpUpstream('deaf', `http://127.0.0.1:${port}/mcp`),
      ],
      { connectMs: 1500 },
    );
    const why = (id: string) => up.log.find((line) => line.startsWith(`upstream ${id} is not connected: `));
    await up.start();
    await up.when(() => (['mute', 'slow', 'deaf'].every((id) => why(id) !== undefined) ? true : undefined));
    await up.stop();
    clients = undefined;
    deaf.closeAllConnections();
    deaf.close();
    expect(why('mute')).toMatch(
      /: mute was started and did not answer `initialize` within 1\.5 s; start its command by hand /,
    );
    expect(why('slow')).toMatch(/: slow was started and did not tell what it offers within 1\.5 s; /);
    expect(why('deaf')).toMatch(
      /: deaf was asked and did not answer `initialize` within 1\.5 s; ask its address /,
    );
  });

  test('stop while connecting ends what was begun', async () => {
    const up = clientsOf([stdioUpstream('hostile', 'hostile-stdio.mjs', ['--silent'])], {
      connectMs: 60_000,
    });
    const starting = up.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await up.stop();
    clients = undefined;
    expect(up.get('hostile')?.generations()).toEqual([]);
    void starting;
  });

  test('no line of the log holds a configured secret or what an upstream wrote to stderr', async () => {
    const far = await fixture('modern-http.mjs');
    const teller = await fixture('hostile-http.mjs', '--tell');
    const up = clientsOf(
      [
        httpUpstream('teller', teller.url, { Authorization: 'Bearer s3cr3t-value' }),
        httpUpstream('far', far.url, { Authorization: 'Bearer s3cr3t-value' }),
        httpUpstream('nowhere', 'http://127.0.0.1:1/mcp?key=s3cr3t-value'),
        stdioUpstream('hostile', 'hostile-stdio.mjs', ['--endless'], { env: { TOKEN: 's3cr3t-value' } }),
      ],
      brisk,
    );
    void up.start();
    const told = (id: string) => up.log.some((line) => line.includes(`${id} is not connected`));
    await up.when(() => (['teller', 'nowhere', 'hostile'].every(told) ? true : undefined));
    expect(up.log.join('\n')).not.toContain('s3cr3t');
  });
});
