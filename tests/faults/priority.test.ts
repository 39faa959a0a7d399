import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../source-tree.ts';
import { Grounds, Running } from './running-instance.ts';

let grounds: Grounds;
let running: Running | undefined;
beforeAll(async () => {
  grounds = await Grounds.make(1);
});
afterAll(async () => {
  await running?.kill();
  await grounds.remove();
});

/** Threads of a process by name, the main one first, with their niceness (proc_pid_stat(5), fields 2 and 19). */
function threadsOf(pid: number): { name: string; nice: number }[] {
  const ids = readdirSync(`/proc/${pid}/task`).map(Number);
  return ids
    .sort((a, b) => a - b)
    .map((id) => {
      const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1');
      const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return { name: /\((.*)\)/.exec(stat)?.[1] ?? '', nice: Number(rest[16]) };
    });
}

test.skipIf(process.platform !== 'linux')(
  'of a running instance no thread steps back but the one that sorts: calls and stops wait for all others',
  { timeout: 60_000 },
  async () => {
    running = new Running(grounds, [join(ROOT, 'lanyard'), 'up', '-c', grounds.configPath]);
    expect(await running.ready()).toBe(true);
    const threads = threadsOf(running.child.pid ?? 0);
    expect(threads.map(({ name }) => name)).toContain('V8Worker');
    expect(threads.filter(({ name, nice }) => name !== 'sorter' && nice !== threads[0]?.nice)).toEqual([]);
  },
);
