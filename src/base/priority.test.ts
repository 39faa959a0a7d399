import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const ENTRY = `
const { readFileSync, readlinkSync, readdirSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');
import(process.env.PRIORITY).then(({ stepBack }) => {
  stepBack();
  parentPort.postMessage(Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
  setInterval(() => undefined, 1000);
});`;

/** Name and niceness of each thread (proc_pid_stat(5), fields 2 and 19), by its id. */
function threads(): Map<number, { name: string; nice: number }> {
  const found = new Map<number, { name: string; nice: number }>();
  for (const id of readdirSync('/proc/self/task')) {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'latin1');
    const [name, rest] = [/\((.*)\)/.exec(stat)?.[1] ?? '', stat.slice(stat.lastIndexOf(')') + 2).split(' ')];
    found.set(Number(id), { name, nice: Number(rest[16]) });
  }
  return found;
}

test.skipIf(process.platform !== 'linux')(
  'one thread steps back, and nothing else of the process does',
  async () => {
    const worker = new Worker(ENTRY, {
      eval: true,
      env: { ...process.env, PRIORITY: new URL('./priority.ts', import.meta.url).href },
    });
    const own = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const all = threads();
    await worker.terminate();
    expect(all.get(own)?.nice).toBe(10);
    all.delete(own);
    const others = all.get(process.pid)?.nice;
    expect([...all.values()].filter(({ nice }) => nice !== others)).toEqual([]);
  },
);
