import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { current } from '../../doors/agents/running-door.ts';
import {
  filesystem,
  fixture,
  GovernedInstance,
  type HttpFixture,
  installed,
  PLAIN,
  postBytes,
  received,
  sendRaw,
  startHttpFixture,
} from '../instance.ts';
import type { LogEntry } from '../operator-ground.ts';
import { CLIENTS } from './connect.ts';

/** Real clients of every generation, over HTTP and stdio, through a real instance to real upstreams of every generation. */

const OWN = join(import.meta.dirname, 'upstream.mjs');

let instance: GovernedInstance;
let legacy: HttpFixture;
let modern: HttpFixture;
beforeAll(async () => {
  [legacy, modern] = await Promise.all([
    startHttpFixture('legacy-http.mjs', '--sse'),
    startHttpFixture('modern-http.mjs'),
  ]);
  instance = await GovernedInstance.start((ground) => ({
    upstreams: {
      files: filesystem,
      memory: installed('mcp-server-memory', 'memory', {
        MEMORY_FILE_PATH: join(ground.directory, 'work', 'memory.jsonl'),
      }),
      everything: installed('mcp-server-everything', 'everything'),
      minimal: fixture(ground, 'minimal-stdio.mjs'),
      both: fixture(ground, 'both-stdio.mjs'),
      legacy: { url: legacy.url, catalog: 'plain' },
      modern: { url: modern.url, catalog: 'plain' },
      own: fixture(ground, OWN, [], { MANY: '1500' }),
    },
    plain: [...PLAIN, 'leak', 'release', ...Array.from({ length: 1500 }, (_, index) => `many-${index}`)],
  }));
  writeFileSync(join(instance.ground.directory, 'workspace', 'a.txt'), 'what a.txt holds');
}, 60_000);
afterAll(async () => {
  await instance.stop();
  await Promise.all([legacy.stop(), modern.stop()]);
});

const DENIED_WORD = {
  isError: true,
  content: [{ type: 'text', text: expect.stringContaining('not-that-word') }],
  _meta: {
    'dev.lanyard/decision': {
      decision: 'deny',
      code: 'FORBIDDEN',
      rules: ['not-that-word'],
      reason: expect.stringContaining('That word is not for agents.'),
      action: expect.stringMatching(/^[0-9A-Z]{26}$/),
    },
  },
};

describe.each(CLIENTS)('%s', (name, version, connect) => {
  it('governs the real filesystem server: list, read, and a write that a rule forbids', async () => {
    const client = await connect(instance, 'files');
    expect(client.version).toBe(version);
    expect(await client.tools()).toEqual(expect.arrayContaining(['read_text_file', 'write_file']));
    expect(await client.call('read_text_file', { path: 'a.txt' })).toMatchObject({
      content: [{ type: 'text', text: 'what a.txt holds' }],
    });
    const denied = await client.call('write_file', { path: '.env', content: 'x' });
    expect(denied).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: expect.stringContaining('Hidden files stay as they are.') }],
      _meta: { 'dev.lanyard/decision': { decision: 'deny', code: 'FORBIDDEN', rules: ['no-hidden-files'] } },
    });
    await client.close();
    const target = (path: string) => ({
      type: 'Path',
      id: join(instance.ground.directory, 'workspace', path),
    });
    const door = { door: 'mcp', agent: 'writer', owner: 'ada' };
    expect(await instance.newActions()).toMatchObject([
      { ...door, operation: 'mcp:files/read_text_file', decision: 'allow', target: target('a.txt') },
      { kind: 'action.outcome', outcome: 'ok' },
      { ...door, operation: 'mcp:files/write_file', decision: 'deny', target: target('.env') },
    ]);
  });

  it('calls upstreams of each generation, and is denied there', async () => {
    for (const upstream of ['minimal', 'both', 'legacy', 'modern']) {
      const client = await connect(instance, upstream);
      expect(await client.tools()).toContain('echo');
      const text = `said by ${name}`;
      expect(await client.call('echo', { text })).toMatchObject({ content: [{ type: 'text', text }] });
      expect(await client.call('echo', { text: 'forbidden' })).toMatchObject(DENIED_WORD);
      await client.close();
    }
    const entries = await instance.newActions();
    expect(entries.map(({ decision, outcome, operation }) => [decision ?? outcome, operation])).toEqual(
      ['minimal', 'both', 'legacy', 'modern'].flatMap((upstream) => [
        ['allow', `mcp:${upstream}/echo`],
        ['ok', `mcp:${upstream}/echo`],
        ['deny', `mcp:${upstream}/echo`],
      ]),
    );
  });

  it('calls the everything server, and is denied what has no target', async () => {
    const client = await connect(instance, 'everything');
    expect(await client.tools()).toContain('get-sum');
    expect(JSON.stringify(await client.call('get-sum', { a: 2, b: 3 }))).toContain('5');
    expect(await client.call('gzip-file-as-resource', { name: 'x' })).toMatchObject({
      isError: true,
      _meta: { 'dev.lanyard/decision': { code: 'TARGET_UNKNOWN' } },
    });
    await client.close();
  });

  it('remembers in one call what it reads in the next', async () => {
    const client = await connect(instance, 'memory');
    const entity = { name: `from ${name}`, entityType: 'note', observations: ['kept'] };
    await client.call('create_entities', { entities: [entity] });
    expect(JSON.stringify(await client.call('open_nodes', { names: [entity.name] }))).toContain('kept');
    await client.close();
  });

  it.each(['both', 'legacy', 'modern'])('reads the resource of %s', async (upstream) => {
    const client = await connect(instance, upstream);
    expect(await client.resources()).toEqual(['note://one']);
    expect(await client.read('note://one')).toMatchObject({ contents: [{ text: 'a note' }] });
    await client.close();
  });

  it.each([
    ['legacy', 'greet', { who: 'Ada' }, 'Greet Ada'],
    ['everything', 'args-prompt', { city: 'Oslo' }, 'Oslo'],
  ])('has a prompt of %s', async (upstream, prompt, args, text) => {
    const client = await connect(instance, upstream);
    expect(await client.prompts()).toContain(prompt);
    expect(JSON.stringify(await client.prompt(prompt, args))).toContain(text);
    await client.close();
  });

  // What comes in one piece with the answer, these clients drop: so the answer waits until all is heard.
  it('hears of progress while a call runs', async () => {
    const client = await connect(instance, 'own');
    const told: number[] = [];
    let released: Promise<object> | undefined;
    const done = await client.call(
      'steps',
      {},
      {
        onprogress: ({ progress }) => {
          told.push(progress);
          if (progress === 3) released = client.call('release', {});
        },
      },
    );
    expect(done).toMatchObject({ content: [{ text: 'done' }] });
    expect(told).toEqual([1, 2, 3]);
    expect(await released).toMatchObject({ content: [{ text: 'released' }] });
    await client.close();
    await instance.newActions();
  });

  it('gets a list of many pages whole', async () => {
    const client = await connect(instance, 'own');
    expect(await client.tools()).toHaveLength(1504);
    await client.close();
  });

  it('cancels a call of an HTTP upstream, which is unknown then and hears of it', async () => {
    await legacy.poke('/forget');
    const client = await connect(instance, 'legacy');
    const controller = new AbortController();
    const running = client.call('hang', {}, { signal: controller.signal }).catch((fault: unknown) => fault);
    const methods = async () => (await legacy.received()).map(({ body }) => body?.method);
    await vi.waitFor(async () => expect(await methods()).toContain('tools/call'), 60_000);
    controller.abort();
    expect(await running).toBeInstanceOf(Error);
    await vi.waitFor(async () => expect(await methods()).toContain('notifications/cancelled'), 60_000);
    await client.close();
    const ended: LogEntry[] = [];
    await vi.waitFor(async () => {
      ended.push(...(await instance.newActions()));
      expect(ended.slice(-2)).toMatchObject([
        { operation: 'mcp:legacy/hang', decision: 'allow' },
        { outcome: 'unknown', code: 'CANCELLED' },
      ]);
    }, 60_000);
  });
});

describe.each(CLIENTS.filter(([name]) => name.includes('HTTP')))(
  '%s, all upstreams at once',
  (_, __, connect) => {
    it('lists them under their names, calls, and is denied', async () => {
      const client = await connect(instance, null);
      expect(await client.tools()).toEqual(
        expect.arrayContaining([
          'files__read_text_file',
          'minimal__echo',
          'legacy__echo',
          'modern__echo',
          'both__echo',
        ]),
      );
      for (const upstream of ['minimal', 'legacy', 'modern', 'both']) {
        expect(await client.call(`${upstream}__echo`, { text: 'hello' })).toMatchObject({
          content: [{ text: 'hello' }],
        });
        expect(await client.call(`${upstream}__echo`, { text: 'forbidden' })).toMatchObject(DENIED_WORD);
      }
      expect(await client.prompts()).toContain('legacy__greet');
      // Three upstreams offer it: whose it is cannot be told.
      expect(await client.resources()).not.toContain('note://one');
      await expect(client.read('note://one')).rejects.toThrow();
      await client.close();
    });
  },
);

it.each([['both'], ['legacy'], ['modern']])(
  'passes the progress of %s on, before the answer',
  async (upstream) => {
    const params = { name: 'steps', arguments: { count: 3 }, _meta: { progressToken: 'mine' } };
    const { headers, body } = current('tools/call', params);
    const sent = { ...headers, 'mcp-method': 'tools/call', 'mcp-name': 'steps' };
    const reply = await sendRaw(
      instance.port,
      postBytes(instance.token, String(body), sent, `/mcp/${upstream}`),
    );
    const events = [...reply.body.matchAll(/"progressToken":"mine"|"progress":\d|"done"/g)].map(String);
    expect(events.filter((event) => !event.includes('Token'))).toEqual([
      '"progress":1',
      '"progress":2',
      '"progress":3',
      '"done"',
    ]);
    expect(events).toContain('"progressToken":"mine"');
  },
);

it('left a log that holds, on its own and as a bundle', () => instance.expectLogToHold());

it('let nothing of what was denied reach an upstream', async () => {
  const arrived = `${received(instance.ground)}${JSON.stringify([await legacy.received(), await modern.received()])}`;
  expect(arrived).toContain('said by SDK 1.x, HTTP');
  expect(arrived).not.toContain('forbidden');
  expect(arrived).not.toContain('dev.lanyard');
  expect(arrived).not.toContain(instance.token);
});
