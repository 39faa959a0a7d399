import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { launchOf } from './launch.ts';
import { isAlive, ProcessTree } from './process-tree.ts';
import { markedBy } from './processes.ts';

const CAN_LOOK = existsSync('/proc/self/stat');
const waiting = { timeout: 60_000 };
const started: ChildProcess[] = [];
let count = 0;

afterEach(() => {
  for (const { pid } of started.splice(0))
    try {
      process.kill(-(pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
});

function begin(command: string, args: readonly string[]): { tree: ProcessTree; run: string } {
  const run = `test-${process.pid}-${count++}`;
  const env = { PATH: process.env['PATH'] ?? '', LANYARD_RUN: run };
  const child = spawn(command, args, { detached: true, env, stdio: 'ignore' });
  started.push(child);
  return { tree: new ProcessTree({ run, pid: child.pid ?? 0, cgroup: null }), run };
}

/** As `run` starts it. */
function launch(script: string): { tree: ProcessTree; run: string } {
  const run = `test-${process.pid}-${count++}`;
  const [shell = '', ...args] = launchOf({ command: ['/bin/sh', '-c', script], run });
  const env = { PATH: process.env['PATH'] ?? '', LANYARD_RUN: run };
  const child = spawn(shell, args, { detached: true, env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  started.push(child);
  const word = child.stdio[3];
  if (word instanceof Writable) word.end('go\n');
  return { tree: new ProcessTree({ run, pid: child.pid ?? 0, cgroup: null }), run };
}

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

/** A child with a child of its own, one in a session of its own, one that left by a double fork, one without a mark. */
const FAMILY = '(sleep 600 & wait) & setsid sleep 600 & (setsid sleep 600 &) ; env -i /bin/sleep 600 & wait';

/** Like a runtime whose workers start programs: its first thread has no children. */
const THREADED = `const { Worker } = require('node:worker_threads');
new Worker("require('node:child_process').spawn('setsid', ['env', '-i', '/bin/sleep', '600'])", { eval: true });`;

test.skipIf(!CAN_LOOK).each([
  {
    what: 'its family, a session of its own, a double fork and no mark',
    command: 'sh',
    args: ['-c', FAMILY],
    size: 6,
  },
  {
    what: 'what another thread than the first has started',
    command: process.execPath,
    args: ['-e', THREADED],
    size: 2,
  },
])('a tree without a control group stands, goes on and is gone: $what', async ({ command, args, size }) => {
  const { tree, run } = begin(command, args);
  await vi.waitFor(() => expect(tree.members()).toHaveLength(size), waiting);
  const pids = tree.members();
  const stranger = begin('sleep', ['600']);
  await vi.waitFor(() => expect(stranger.tree.members()).toHaveLength(1), waiting);

  tree.freeze();
  await vi.waitFor(() => expect(pids.map(stateOf)).toEqual(pids.map(() => 'T')), waiting);
  // Once more is the same.
  tree.freeze();
  expect(tree.members().sort()).toEqual([...pids].sort());
  tree.thaw();
  await vi.waitFor(() => expect(pids.map(stateOf)).not.toContain('T'), waiting);
  tree.kill();
  expect(await tree.ended()).toBe(true);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(markedBy(run)).toEqual([]);
  expect(stranger.tree.members().map(stateOf)).toEqual(['S']);
  stranger.tree.kill();
});

test.skipIf(!CAN_LOOK)(
  'a daemon that left its family and cleared its environment stands and is gone with the rest',
  async () => {
    const { tree, run } = launch('(setsid env -i /bin/sleep 600 &) ; exec sleep 600');
    const isMarked = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8').includes(run);
    // Between its fork and its last exec the daemon carries the mark still.
    await vi.waitFor(() => expect(tree.members().map(isMarked)).toEqual([true, false]), waiting);
    const pids = tree.members();
    const stranger = launch('exec sleep 600');
    await vi.waitFor(() => expect(stranger.tree.members()).toHaveLength(1), waiting);

    tree.freeze();
    await vi.waitFor(() => expect(pids.map(stateOf)).toEqual(['T', 'T']), waiting);
    tree.thaw();
    await vi.waitFor(() => expect(pids.map(stateOf)).toEqual(['S', 'S']), waiting);
    tree.kill();
    expect(await tree.ended()).toBe(true);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(stranger.tree.members().map(stateOf)).toEqual(['S']);
    stranger.tree.kill();
  },
);

test.skipIf(!CAN_LOOK)(
  'many trees that are cut in one turn are each cut whole, and no other with them',
  async () => {
    const all = Array.from({ length: 12 }, () => begin('sh', ['-c', FAMILY]));
    for (const { tree } of all) await vi.waitFor(() => expect(tree.members()).toHaveLength(6), waiting);
    const pids = all.map(({ tree }) => tree.members());
    const [spared, ...cut] = all;
    for (const { tree } of cut) tree.freeze();
    const [own, ...others] = pids;
    await vi.waitFor(() => expect(new Set(others.flat().map(stateOf))).toEqual(new Set(['T'])), waiting);
    expect(own?.map(stateOf)).not.toContain('T');
    for (const { tree } of cut) tree.kill();
    for (const { tree } of cut) expect(await tree.ended()).toBe(true);
    expect(others.flat().filter(isAlive)).toEqual([]);
    expect(spared?.tree.members()).toHaveLength(6);
    spared?.tree.kill();
  },
);

test.skipIf(!CAN_LOOK)('a program that starts others without end is caught up with', async () => {
  const { tree, run } = begin('sh', ['-c', 'bear() { (bear & sleep 0.2); }; bear & wait']);
  await vi.waitFor(() => expect(tree.members().length).toBeGreaterThan(2), waiting);
  tree.kill();
  expect(await tree.ended()).toBe(true);
  expect(markedBy(run)).toEqual([]);
});

/** What a system without /proc is like: freezes a group, lets it go, and waits until the child in it goes on. */
const UNSHOWN = `
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { ProcessTree } from '${new URL('process-tree.ts', import.meta.url).href}';
if (existsSync('/proc/self')) throw new Error('there is a /proc');
const cwd = mkdtempSync(tmpdir() + '/lanyard-unshown-');
const beats = cwd + '/beats';
const script = '(while :; do echo . >> beats; sleep 0.01; done) & wait';
const child = spawn('sh', ['-c', script], { cwd, detached: true, stdio: 'ignore' });
const tree = new ProcessTree({ run: 'unshown', pid: child.pid, cgroup: null });
const grown = async (from) => { while (!existsSync(beats) || statSync(beats).size <= from) await wait(10); };
await grown(0);
tree.freeze();
let size = -1;
while (size !== statSync(beats).size) { size = statSync(beats).size; await wait(200); }
tree.thaw();
await grown(size);
tree.kill();
rmSync(cwd, { recursive: true, force: true });
console.log('went on');
`;
const HIDE = ['-rm', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];

test.skipIf(!CAN_LOOK || spawnSync('unshare', [...HIDE, 'true']).status !== 0)(
  'where the system shows no processes, all of a group goes on when it is let go',
  () => {
    const words = [...HIDE, process.execPath, '--no-warnings', '--input-type=module', '-e', UNSHOWN];
    expect(execFileSync('unshare', words, { encoding: 'utf8', timeout: 30_000 })).toBe('went on\n');
  },
);
