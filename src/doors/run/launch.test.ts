import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, test } from 'vitest';
import { type Launch, launchOf } from './launch.ts';
import { findMeans, weakLimits } from './means.ts';

/** What a program is started with, on the system as it is: limits without any control group. */

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

/** Runs a script under these limits to its end; as nobody where we are root, of whose processes the system counts none. */
async function play(script: string, limits: Omit<Launch, 'command' | 'run'>, asNobody = false) {
  const [shell = '', ...args] = launchOf({ command: ['/bin/sh', '-c', script], run: 'test', ...limits });
  const who = asNobody && isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  return tell(spawn(shell, args, { cwd: '/', stdio: ['ignore', 'pipe', 'ignore', 'pipe'], ...who }), 'go\n');
}

async function tell(child: ChildProcess, said: string) {
  const word = child.stdio[3] as Writable;
  // It may be gone before it has read.
  word.on('error', () => undefined).end(said);
  const [out] = await Promise.all([text(child.stdout as Readable), once(child, 'close')]);
  return { out, code: child.exitCode, signal: child.signalCode };
}

describe('a program that is started', () => {
  it('is killed when one of its processes has used up its seconds of the processor', async () => {
    const { signal } = await play('while :; do :; done', { cpu: 1 });
    expect(['SIGKILL', 'SIGXCPU']).toContain(signal);
  });

  it('gets no more memory in one process than its limit, and goes on', async () => {
    const script = 'head -c 100000000 /dev/zero | tail -c 99999999 | wc -c; echo after';
    expect((await play(script, { memory: 50 })).out).not.toContain('99999999');
    expect((await play(script, { memory: 500 })).out).toBe('99999999\nafter\n');
  });

  it('starts no more processes than its limit, where the system counts them', async () => {
    const script = 'i=0; while [ $i -lt 60 ]; do sleep 1 & echo one; i=$((i+1)); done';
    const started = async (processes: number) =>
      (await play(script, { processes }, true)).out.split('one').length - 1;
    const [few, many] = await Promise.all([started(isRoot ? 20 : 1), started(500)]);
    expect(few).toBeLessThan(many);
    expect(many).toBe(60);
  });

  it('does not begin where a limit cannot be taken on, or the word to begin does not come', async () => {
    const [shell = '', ...args] = launchOf({ command: ['echo', 'ran'], run: 'test', cpu: 1 });
    const wordless = await tell(spawn(shell, args, { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] }), 'no\n');
    expect([wordless.out, wordless.code]).toEqual(['', 126]);
    const nowhere = await play('echo ran', { cgroup: '/sys/fs/cgroup/none' });
    expect([nowhere.out, nowhere.code]).toEqual(['', 126]);
  });
});

test('limits that hold less than they say are named, and those that hold are not', () => {
  const means = {
    cgroup: true,
    namespaces: true,
    seatbelt: false,
    shows: true,
    apart: true,
    keeps: { memory: true, processes: true },
    isRoot: true,
  };
  const none = { ...means, keeps: { memory: false, processes: false } };
  const limits = { memory: 1, processes: 1 };
  expect(weakLimits(means, limits)).toEqual([]);
  expect(weakLimits(none, {})).toEqual([]);
  expect(weakLimits(means, { cpu: 1 })).toEqual([expect.stringContaining('each process by itself')]);
  expect(weakLimits(none, limits)).toEqual([
    expect.stringContaining('limit of memory'),
    expect.stringContaining('does NOT hold'),
  ]);
  expect(weakLimits({ ...none, isRoot: false }, limits)[1]).toContain('all of your user');
});

test('what a machine keeps is what its control group takes', () => {
  const { cgroup, keeps } = findMeans({ cgroup: true, namespaces: false });
  if (!cgroup) expect(keeps).toEqual({ memory: false, processes: false });
  expect(findMeans({ cgroup: false, namespaces: false }).keeps).toEqual({ memory: false, processes: false });
});
