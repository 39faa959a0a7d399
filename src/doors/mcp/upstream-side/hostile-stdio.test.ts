import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Clients,
  createClients,
  execute,
  messagesIn,
  stdioUpstream,
  textOf,
} from '../../../../tests/fixtures/upstreams/client.ts';
import type { UpstreamConfig, UpstreamsDeps } from './index.ts';

let clients: Clients;
let directory: string;
let receivedFile: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-'));
  receivedFile = join(directory, 'received');
});
afterEach(async () => {
  await clients.stop();
  rmSync(directory, { recursive: true });
});

async function start(config: UpstreamConfig, limits: UpstreamsDeps['limits'] = {}): Promise<void> {
  clients = createClients([config], { probeMs: 500, ...limits });
  await clients.start();
}

function hostile(...args: string[]): UpstreamConfig {
  return stdioUpstream('hostile', 'hostile-stdio.mjs', args, { env: { RECEIVED: receivedFile } });
}

describe('a hostile upstream', () => {
  const quick = { messageBytes: 1_000_000, backoffMs: { first: 1, most: 10 } };

  test.each(['huge', 'huge-unended'])('%s: the process ends, the call is lost', async (tool) => {
    await start(hostile(), quick);
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, tool))).toBe('lost: UPSTREAM_ANSWER_TOO_LARGE');
    const again = await clients.open('hostile', '2025');
    expect(textOf(await execute(again, 'echo', { text: 'alive' }))).toBe('alive');
  });

  test('garbage between messages is passed over, and its beginning kept', async () => {
    await start(hostile('--noisy'), quick);
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'garbage'))).toBe('after the garbage');
    const noted = clients.stderr('hostile').get('writer 2025');
    expect(noted).toContain('(stdout) Welcome to hostile!\n(stdout) a line of debugging\n');
  });

  test('whatever bytes it writes, every call gets one reply, and the next call works', async () => {
    await start(hostile(), quick);
    const session = await clients.open('hostile', '2025');
    const id = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(null), fc.string({ maxLength: 3 }));
    const message = fc
      .record(
        {
          jsonrpc: fc.constantFrom('2.0', '1.0'),
          id,
          method: fc.constantFrom('ping', 'notifications/progress', 'notifications/tools/list_changed', 'x'),
          params: fc.oneof(fc.object(), fc.record({ progressToken: id, progress: fc.anything() })),
          result: fc.oneof(fc.object(), fc.string()),
          error: fc.oneof(fc.object(), fc.record({ code: fc.anything(), message: fc.anything() })),
        },
        { requiredKeys: [] },
      )
      .map((value) => Buffer.from(JSON.stringify(value)));
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const babble = fc.array(fc.oneof(message, noise), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(babble, async (parts) => {
        const bytes = Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')])).toString('base64');
        const reply = await execute(session, 'babble', { bytes }, { onProgress: () => {} });
        expect(['result', 'error', 'lost']).toContain(reply.kind);
        expect(textOf(await execute(session, 'echo', { text: bytes }))).toBe(bytes);
      }),
      { numRuns: 150 },
    );
  });

  test('garbage without end ends the process', async () => {
    await start(hostile(), quick);
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'flood'))).toBe('lost: UPSTREAM_FAILED');
  });

  test('the first answer counts, and answers to other calls do not', async () => {
    await start(hostile(), quick);
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'duplicate'))).toBe('first');
    expect(textOf(await execute(session, 'impostor'))).toBe('for this call');
    expect(textOf(await execute(session, 'echo', { text: 'own' }))).toBe('own');
  });

  test('our own _meta is dropped at every depth, that of others kept', async () => {
    await start(hostile(), quick);
    const reply = await execute(await clients.open('hostile', '2025'), 'meta');
    expect(JSON.stringify(reply)).not.toContain('dev.lanyard');
    expect(JSON.stringify(reply)).toContain('example.org/kept');
  });

  test('what it asks of us is refused, a ping answered', async () => {
    await start(hostile(), quick);
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'asks'))).toBe('asked');
    await execute(session, 'echo', { text: '' });
    const answers = new Map(messagesIn(receivedFile).map((m) => [m['id'], m]));
    for (const id of ['a', 'b', 'c']) expect(answers.get(id)).toMatchObject({ error: { code: -32601 } });
    expect(answers.get('d')).toMatchObject({ result: {} });
    const initialize = messagesIn(receivedFile).find((m) => m['method'] === 'initialize');
    expect(initialize).toMatchObject({ params: { capabilities: {} } });
  });

  test.each(['surrogate', 'deep', 'both'])(
    'an answer that nobody could store (%s) is no answer',
    async (tool) => {
      await start(hostile(), quick);
      const session = await clients.open('hostile', '2025');
      expect(textOf(await execute(session, tool))).toBe('lost: UPSTREAM_FAILED');
      expect(textOf(await execute(session, 'echo', { text: 'next' }))).toBe('next');
    },
  );

  test.each([
    ['null-error', 'ok'],
    ['id as text', 'ok'],
    ['wide-log', 'logged'],
    ['null-result', 'error: no'],
    ['nan', 'lost: UPSTREAM_FAILED'],
    ['bom', 'lost: UPSTREAM_FAILED'],
    ['batch', 'lost: UPSTREAM_FAILED'],
  ])('an answer as other languages write it (%s) is read, or refused at once', async (form, expected) => {
    await start(hostile(), quick);
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'form', { form }))).toBe(expected);
  });

  test('a number that no double holds goes on as it was written', async () => {
    await start(hostile(), quick);
    const reply = await execute(await clients.open('hostile', '2025'), 'form', { form: 'wide' });
    expect(JSON.stringify(reply)).toContain('"structuredContent":{"id":12345678901234567890,"n":6.02e23}');
  });

  test('what it asks and nobody can read is refused, so that it does not wait', async () => {
    await start(hostile(), quick);
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'form', { form: 'asks twice' }))).toBe('asked');
    await execute(session, 'echo', { text: '' });
    const answer = messagesIn(receivedFile).find(({ id }) => id === 'q');
    expect(answer).toMatchObject({ error: { data: { code: 'ASK_UNREADABLE' } } });
  });

  test('what is wrong with an answer is said', async () => {
    await start(hostile(), quick);
    const reply = await execute(await clients.open('hostile', '2025'), 'form', { form: 'twice' });
    expect(reply).toMatchObject({
      problem: { sentence: expect.stringContaining('The key "a" stands twice in one object') },
    });
  });

  test.each(['--wide', '--nulls'])('a list as other languages write it (%s) is read', async (how) => {
    await start(hostile(how), quick);
    const tools = clients.listed[0]?.definitions.tools;
    expect(tools?.map(({ name }) => name)).toEqual(['echo', 'die']);
    if (how === '--wide')
      expect(tools?.[0]).toMatchObject({ inputSchema: { properties: { n: { maximum: 2 ** 63 } } } });
  });

  test('why a list is none is said', async () => {
    clients = createClients([hostile('--unnamed')], { probeMs: 500, ...quick });
    void clients.start();
    expect(await clients.when(() => clients.log[0])).toContain('an item of "tools" has no "name"');
  });

  test('its errors are passed on as errors', async () => {
    await start(hostile(), quick);
    expect(await execute(await clients.open('hostile', '2025'), 'error')).toEqual({
      kind: 'error',
      error: { code: -32050, message: 'no', data: { why: 'because' } },
    });
  });

  test('a list without an end keeps it disconnected', async () => {
    clients = createClients([hostile('--endless')], { probeMs: 500, ...quick });
    void clients.start();
    const upstream = clients.get('hostile');
    expect(await clients.when(() => clients.log[0])).toContain('too many pages');
    expect(upstream?.generations()).toEqual([]);
    expect(clients.listed).toEqual([]);
    expect(await upstream?.session('writer', '2025')).toMatchObject({
      ok: false,
      error: { code: 'UPSTREAM_UNAVAILABLE' },
    });
  });

  test('the end of its stderr is kept', async () => {
    await start(hostile(), { stderrBytes: 10 });
    const session = await clients.open('hostile', '2025');
    await execute(session, 'stderr', { text: `${'x'.repeat(100)}the end` });
    // stderr is another pipe than the answer's: it may be read later, and nothing tells of it.
    await expect.poll(() => clients.stderr('hostile').get('writer 2025')).toBe('xxxthe end');
  });
});
