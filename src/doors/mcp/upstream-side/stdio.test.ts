import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Clients,
  createClients,
  execute,
  messagesIn,
  stdioUpstream,
  textOf,
} from '../../../../tests/fixtures/upstreams/client.ts';
import { problem } from '../../../base/errors.ts';
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
  clients = createClients([config], { probeMs: 20_000, ...limits });
  await clients.start();
}

function hostile(...args: string[]): UpstreamConfig {
  return stdioUpstream('hostile', 'hostile-stdio.mjs', args, { env: { RECEIVED: receivedFile } });
}

/** The tools called at any process of the upstream, in order. */
const callsReceived = () =>
  messagesIn(receivedFile).flatMap(({ method, params }) =>
    method === 'tools/call' ? [(params as { name: string }).name] : [],
  );

const halted = problem('FROZEN');

describe('generations', () => {
  test('a server of both is met in both, each with its own lists', async () => {
    await start(stdioUpstream('both', 'both-stdio.mjs'));
    expect(clients.get('both')?.generations()).toEqual(['2026', '2025']);
    const names = (generation: string) =>
      clients.listed.find((l) => l.generation === generation)?.definitions.tools.map((tool) => tool['name']);
    expect(names('2026')).toEqual(['echo', 'routed', 'steps', 'hang', 'grow']);
    expect(names('2025')).toEqual(['echo', 'routed', 'steps', 'hang', 'grow', 'old']);
    for (const generation of ['2026', '2025'] as const) {
      const session = await clients.open('both', generation);
      expect(textOf(await execute(session, 'echo', { text: 'ü' }))).toBe('ü');
    }
  });

  test('a server of 2026-07-28 alone is met in that', async () => {
    await start(stdioUpstream('modern', 'both-stdio.mjs', ['--modern']));
    expect(clients.get('modern')?.generations()).toEqual(['2026']);
  });

  test.each(['--silent', '--fragile'])('an older server is reached although it is %s', async (flag) => {
    await start(hostile(flag), { probeMs: 500 });
    expect(clients.get('hostile')?.generations()).toEqual(['2025']);
    expect(textOf(await execute(await clients.open('hostile', '2025'), 'echo', { text: 'x' }))).toBe('x');
  });

  test.each(['--silent', '--fragile'])('also where it is to have one process and is %s', async (flag) => {
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs', [flag], { shared: true });
    await start(config, { probeMs: 300 });
    const [ada, bob] = [
      await clients.open('hostile', '2025', 'ada'),
      await clients.open('hostile', '2025', 'bob'),
    ];
    expect(textOf(await execute(ada, 'pid'))).toBe(textOf(await execute(bob, 'pid')));
  });

  test('the two minimal generations answer in frames of their own', async () => {
    await start(stdioUpstream('minimal', 'minimal-stdio.mjs'));
    const modern = await execute(await clients.open('minimal', '2026'), 'echo', { text: 'a' });
    const legacy = await execute(await clients.open('minimal', '2025'), 'echo', { text: 'a' });
    expect(modern).toMatchObject({ kind: 'result', result: { resultType: 'complete' } });
    expect(legacy).toEqual({ kind: 'result', result: { content: [{ type: 'text', text: 'a' }] } });
  });
});

describe('real servers', () => {
  const require = createRequire(import.meta.url);
  const bin = (name: string) =>
    join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js');

  test('filesystem: reads a file in its directory', async () => {
    writeFileSync(join(directory, 'a.txt'), 'content of a');
    await start(stdioUpstream('files', bin('server-filesystem'), [directory]));
    const session = await clients.open('files', '2025');
    expect(session.definitions().tools.length).toBeGreaterThan(10);
    const reply = await execute(session, 'read_text_file', { path: join(directory, 'a.txt') });
    expect(textOf(reply)).toBe('content of a');
  });

  test('memory and everything: tools, prompts, resources, progress', async () => {
    clients = createClients([
      stdioUpstream('memory', bin('server-memory'), [], {
        env: { MEMORY_FILE_PATH: join(directory, 'memory.jsonl') },
      }),
      stdioUpstream('everything', bin('server-everything')),
    ]);
    await clients.start();
    const memory = await clients.open('memory', '2025');
    expect((await execute(memory, 'read_graph')).kind).toBe('result');
    const everything = await clients.open('everything', '2025');
    const { prompts, resources, resourceTemplates } = everything.definitions();
    expect(prompts.length * resources.length * resourceTemplates.length).toBeGreaterThan(0);
    const progress: unknown[] = [];
    const args = { duration: 0.1, steps: 2 };
    await execute(everything, 'trigger-long-running-operation', args, {
      onProgress: (params) => progress.push(params),
    });
    expect(progress).toHaveLength(2);
  });
});

describe('the last look', () => {
  test('a switch that is on when the frame is due lets no byte out', async () => {
    await start(hostile());
    const session = await clients.open('hostile', '2025');
    let on: typeof halted | null = null;
    const reply = execute(session, 'echo', { text: 'late' }, { halted: () => on });
    on = halted; // after execute() was called, before the tick in which it would be written
    expect(await reply).toEqual({ kind: 'not-sent', problem: halted });
    await execute(session, 'echo', { text: 'after' });
    expect(callsReceived()).toEqual(['echo']);
  });

  test('a call that waits for a child which does not read is looked at when the child reads again', async () => {
    await start(hostile());
    const session = await clients.open('hostile', '2025');
    const file = join(directory, 'hear');
    const deaf = execute(session, 'deaf', { file });
    await new Promise((resolve) => setImmediate(resolve));
    // Fills the pipe, so that what follows has to wait on our side.
    const filler = execute(session, 'echo', { text: 'x'.repeat(2_000_000) });
    await new Promise((resolve) => setImmediate(resolve));
    let on: typeof halted | null = null;
    const waiting = execute(session, 'never', {}, { halted: () => on });
    await new Promise((resolve) => setImmediate(resolve));
    on = halted;
    writeFileSync(file, '');
    expect(textOf(await deaf)).toBe('hearing again');
    expect((await filler).kind).toBe('result');
    expect(await waiting).toEqual({ kind: 'not-sent', problem: halted });
    expect(callsReceived()).not.toContain('never');
  });

  test('a pass is good for one call', async () => {
    await start(hostile());
    const session = await clients.open('hostile', '2025');
    const { issuePass } = await import('../../../pipeline/pass.ts');
    const pass = issuePass('sha256:once', () => null);
    const order = {
      method: 'tools/call',
      name: 'echo',
      argumentsText: '{"text":"1"}',
      digest: 'sha256:once',
    } as const;
    const control = { signal: new AbortController().signal };
    await session.execute(order, pass, control);
    await expect(session.execute(order, pass, control)).rejects.toThrow('not live');
    await expect(
      session.execute(
        { ...order, digest: 'sha256:other' },
        issuePass('sha256:once', () => null),
        control,
      ),
    ).rejects.toThrow('another action');
    expect(callsReceived()).toEqual(['echo']);
  });
});

describe('what is sent', () => {
  test('the arguments stand in the frame exactly as they were digested', async () => {
    await start(hostile());
    const session = await clients.open('hostile', '2025');
    const { issuePass } = await import('../../../pipeline/pass.ts');
    const argumentsText = '{"a":1e+30,"b":"\\u000a é","text":"1"}';
    const order = { method: 'tools/call', name: 'echo', argumentsText, digest: 'd' } as const;
    await session.execute(
      order,
      issuePass('d', () => null),
      { signal: new AbortController().signal },
    );
    const line = readFileSync(receivedFile, 'utf8')
      .split('\n')
      .find((l) => l.includes('tools/call'));
    expect(line).toContain(`"arguments":${argumentsText},"name":"echo"`);
    expect(line).not.toContain('_meta');
  });

  test('what some servers take for the end of a line is escaped: a call stays one line', async () => {
    await start(hostile()); // reads lines with node:readline, which also splits at U+2028 and U+2029
    const text = 'a\u2028{"jsonrpc":"2.0"}\u2029b\r\nc';
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'echo', { text }))).toBe(text);
  });

  test('a lost call is lost once: a restarted child never sees it', async () => {
    await start(hostile(), { backoffMs: { first: 1, most: 10 } });
    const session = await clients.open('hostile', '2025');
    const running = execute(session, 'never');
    await execute(session, 'echo', { text: '' });
    expect(textOf(await execute(session, 'die'))).toBe('lost: UPSTREAM_LOST');
    expect(textOf(await running)).toBe('lost: UPSTREAM_LOST');
    expect(textOf(await execute(session, 'echo'))).toBe('not-sent: UPSTREAM_UNAVAILABLE');
    const again = await clients.open('hostile', '2025');
    expect(textOf(await execute(again, 'echo', { text: 'back' }))).toBe('back');
    expect(callsReceived()).toEqual(['never', 'echo', 'die', 'echo']);
  });

  test('the environment is the configured one and nothing else, the directory the configured one', async () => {
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs', [], { env: { ONE: '1' }, cwd: directory });
    await start(config);
    const session = await clients.open('hostile', '2025');
    const env = JSON.parse(textOf(await execute(session, 'env'))) as Record<string, string>;
    expect(Object.keys(env).sort()).toEqual(['HOME', 'ONE', 'PATH']);
    expect(textOf(await execute(session, 'cwd'))).toBe(directory);
  });

  test('each agent has a process of its own, and the pins another', async () => {
    await start(hostile());
    const pid = async (agent: string) =>
      textOf(await execute(await clients.open('hostile', '2025', agent), 'pid'));
    const [ada, bob, adaAgain] = [await pid('ada'), await pid('bob'), await pid('ada')];
    expect(ada).not.toBe(bob);
    expect(adaAgain).toBe(ada);
    expect([...clients.stderr('hostile').keys()]).toEqual(['pins 2025', 'ada 2025', 'bob 2025']);
  });
});

describe('cancellation and time', () => {
  test('a cancelled call is lost, and the upstream is told under our id', async () => {
    await start(hostile());
    const session = await clients.open('hostile', '2025');
    const controller = new AbortController();
    const reply = execute(session, 'never', {}, { signal: controller.signal });
    await execute(session, 'echo', { text: '' });
    controller.abort();
    expect(textOf(await reply)).toBe('lost: CANCELLED');
    await execute(session, 'echo', { text: '' });
    const call = messagesIn(receivedFile).find((m) => JSON.stringify(m['params']).includes('never'));
    const cancelled = messagesIn(receivedFile).find((m) => m['method'] === 'notifications/cancelled');
    expect(cancelled).toMatchObject({ params: { requestId: call?.['id'] } });
  });

  test('cancelled before it is due, nothing of it leaves', async () => {
    await start(hostile());
    const session = await clients.open('hostile', '2025');
    const controller = new AbortController();
    const reply = execute(session, 'never', {}, { signal: controller.signal });
    controller.abort();
    expect(textOf(await reply)).toBe('not-sent: ABORTED');
    expect(textOf(await execute(session, 'never', {}, { signal: controller.signal }))).toBe(
      'not-sent: ABORTED',
    );
    await execute(session, 'echo', { text: '' });
    expect(callsReceived()).toEqual(['echo']);
    expect(messagesIn(receivedFile).some((m) => m['method'] === 'notifications/cancelled')).toBe(false);
  });

  test('a call that is not answered times out as lost', async () => {
    await start(hostile(), { callMs: 50 });
    const session = await clients.open('hostile', '2025');
    expect(textOf(await execute(session, 'never'))).toBe('lost: UPSTREAM_TIMEOUT');
    // On a slow machine the next one may be late as well: one that is not shows that the session lives.
    while (textOf(await execute(session, 'echo', { text: 'still' })) !== 'still');
  });

  test('more calls than the bound are not sent', async () => {
    await start(hostile(), { callsPerSession: 2 });
    const session = await clients.open('hostile', '2025');
    const controller = new AbortController();
    const running = [1, 2].map(() => execute(session, 'never', {}, { signal: controller.signal }));
    expect(textOf(await execute(session, 'echo'))).toBe('not-sent: UPSTREAM_BUSY');
    controller.abort();
    await Promise.all(running);
    expect(textOf(await execute(session, 'echo', { text: 'room' }))).toBe('room');
  });

  test('progress goes to the call that asked, under our token, and to no other', async () => {
    await start(hostile());
    const session = await clients.open('hostile', '2025');
    const seen: unknown[] = [];
    const asked = execute(session, 'progress', {}, { onProgress: (params) => seen.push(params) });
    const other: unknown[] = [];
    const neighbour = execute(session, 'echo', { text: '' }, { onProgress: (params) => other.push(params) });
    expect(textOf(await asked)).toBe('number');
    await neighbour;
    expect(seen).toEqual([{ progress: 1 }, { progress: 2 }, { progress: 3 }]);
    // What is forged for a neighbour reaches only a neighbour of the same session: one agent's own.
    expect(other).toEqual([{ progress: 99 }]);
    expect(textOf(await execute(session, 'progress'))).toBe('none');
  });
});

describe('processes', () => {
  const alive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  test('a child that ignores everything, and what it started, are gone after stop', async () => {
    const childEndMs = { closed: 50, terminated: 50 };
    await start(hostile('--family', '--stubborn'), { childEndMs });
    const session = await clients.open('hostile', '2025');
    const pids = [await execute(session, 'pid'), await execute(session, 'family')].map((r) => +textOf(r));
    expect(pids.map(alive)).toEqual([true, true]);
    await clients.stop();
    expect(alive(pids[0] ?? 0)).toBe(false);
    // What the child started was killed with it; whoever inherits it takes a moment to bury it.
    while (pids.some(alive)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('an idle child is ended, and another started at the next call', async () => {
    await start(hostile(), { idleMs: 30, childEndMs: { closed: 1000, terminated: 1000 } });
    const pid = async () => Number(textOf(await execute(await clients.open('hostile', '2025'), 'pid')));
    const first = await pid();
    while (alive(first)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await pid()).not.toBe(first);
  });

  test('a probe that is slow to die keeps nobody waiting, and is gone after stop', async () => {
    const PIDS = join(directory, 'pids');
    const config = stdioUpstream('hostile', 'hostile-stdio.mjs', ['--stubborn'], { env: { PIDS } });
    await start(config, { childEndMs: { closed: 2000, terminated: 50 } });
    const pids = readFileSync(PIDS, 'utf8').trim().split('\n').map(Number);
    expect(clients.get('hostile')?.generations()).toEqual(['2025']);
    expect(pids.map(alive)).toEqual([true, true]); // the one that is met, and the one that was probed
    await clients.stop();
    expect(pids.map(alive)).toEqual([false, false]);
  });

  test.each(['close-input', 'close-output'])(
    'a child that lives on deaf or dumb (%s) is ended',
    async (tool) => {
      await start(hostile(), { backoffMs: { first: 1, most: 10 } });
      const session = await clients.open('hostile', '2025');
      const pid = Number(textOf(await execute(session, 'pid')));
      const closing = execute(session, tool);
      // Something to write, so that a closed input is found out.
      while (alive(pid)) await Promise.race([execute(session, 'echo', { text: '' }), closing]);
      expect(textOf(await closing)).toBe('lost: UPSTREAM_LOST');
    },
  );

  test('a program that does not exist is said so, and tried again', async () => {
    const config: UpstreamConfig = {
      ...stdioUpstream('missing', 'x.mjs'),
      kind: 'stdio',
      command: ['/nonexistent/server'],
      cwd: '/',
      env: {},
    };
    clients = createClients([config], { backoffMs: { first: 10, most: 20 } });
    void clients.start();
    const lines = () => clients.log.filter((line) => line.includes('missing is not connected'));
    await clients.when(() => (lines().length > 1 ? true : undefined));
    expect(lines()[0]).toContain('it could not be started (ENOENT): there is no such program');
  });
});
