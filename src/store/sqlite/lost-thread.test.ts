import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeBatch } from '../suite.ts';
import { openSqlite } from './open.ts';
import { openSqliteInWorker, ThreadedStore } from './threaded.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lanyard-thread-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test.each([
  ['ends', 'process.exit(1)'],
  ['throws', 'throw new Error("the writer broke")'],
])(
  'when the writing thread %s, nothing is acknowledged any more, reading goes on, and closing works',
  async (_, end) => {
    const reader = await openSqlite(join(dir, 'store.db'));
    const code = `require('node:worker_threads').parentPort.once('message', () => { ${end}; })`;
    const store = new ThreadedStore(reader, new Worker(code, { eval: true, stderr: true }));
    const under = [store.append(makeBatch(0, 1)), store.append(makeBatch(1, 1))];
    for (const one of await Promise.allSettled(under)) expect(one.status).toBe('rejected');
    await expect(store.append(makeBatch(0, 1))).rejects.toThrow();
    await expect(store.expireBodies(0)).rejects.toThrow();
    expect(await store.size()).toBe(0);
    await store.close();
    await expect(store.size()).rejects.toThrow();
  },
);

test('a path that cannot be used is refused before any thread is started', async () => {
  await expect(openSqliteInWorker(join(dir, 'missing', 'store.db'))).rejects.toThrow(/ENOENT|unable to open/);
});

test('a process waits for what it appends and closes, and for nothing else', async () => {
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const code = `
    import { openSqliteInWorker } from ${url('./threaded.ts')};
    const store = await openSqliteInWorker(${JSON.stringify(join(dir, 'store.db'))});
    const idle = await openSqliteInWorker(${JSON.stringify(join(dir, 'idle.db'))});
    await store.append({ first: 0, bodies: [], cells: [], entries: [{ text: '{"seq":0}', leaf: new Uint8Array(32), kind: 'k', atMs: 1 }] });
    await store.close();
    process.stdout.write('closed');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const [exitCode] = await once(child, 'close');
  expect([said, exitCode]).toEqual(['closed', 0]);
});
