import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Cgroup, isAlive, launchOf, markedBy, ProcessTree } from '../src/doors/run/index.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 10);
/** Each of a child, a grandchild, a child in a session of its own, and a daemon that left its family by a double fork. */
const FAMILIES = 24;
const MEMBERS = FAMILIES * 4;
/** Bytes that each has in the file that all write to. */
const SLOT = 8;
/**
 * Every one of them writes the time to its own slot of one file, some 500 times a second, and ends by itself after a
 * while: what stands there when all is quiet is the last effect of each. By the clock that nobody sets, which is Node's too:
 * the time of day drifts away from it by milliseconds.
 */
const PROGRAM = `use POSIX 'setsid'; use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);
sub now { clock_gettime(CLOCK_MONOTONIC) }
open(my $file, '+<', 'slots') or die; my $until = now() + 60;
sub work { my $slot = shift; while (now() < $until) {
  sysseek($file, $slot * ${SLOT}, 0); syswrite($file, pack('d<', now())); sleep 0.002 } exit }
sub own { open($file, '+<', 'slots') or die }
sub begin { my $slot = shift; my $pid = fork; die unless defined $pid; if ($pid == 0) { own; $_->() for @_; work($slot) } }
for my $family (0 .. ${FAMILIES - 1}) { my $at = $family * 4;
  begin($at, sub { begin($at + 1) });
  begin($at + 2, sub { setsid });
  my $left = fork; if ($left == 0) { setsid; begin($at + 3); POSIX::_exit(0) } waitpid($left, 0);
}
1 while wait != -1;`;

interface Round {
  readonly processes: number;
  /** Until the call has returned. */
  readonly tickMs: number;
  /** Until the last of them wrote anything, by the time that it wrote. */
  readonly lastMs: number;
  /** Until the system says that all stand: what is killed is frozen first. */
  readonly stillMs: number;
  /** Until it says that none is left; of what is only frozen, that all stand. */
  readonly doneMs: number;
}

/** A tree of about a hundred processes, frozen and killed, as `./lanyard run` holds it. */
export async function trees(): Promise<string[]> {
  const lines = [
    `a tree of ${MEMBERS + 1} processes, ${MEMBERS} of which write all the time; ${ROUNDS} times each`,
    '| from the call, median (worst) | it returned | the last sign of life | all stand | none is left |',
    '|---|---|---|---|---|',
  ];
  for (const isGrouped of [true, false])
    for (const level of ['freeze', 'kill'] as const) {
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round++)
        rounds.push(await cut(`${level}${isGrouped}${round}`, level, isGrouped));
      const how = isGrouped ? 'control group' : 'family alone';
      const cells = (['tickMs', 'lastMs', 'stillMs', 'doneMs'] as const).map((what) =>
        cell(rounds.map((round) => round[what])),
      );
      if (level === 'freeze') cells[3] = '';
      lines.push(`| ${level}, by ${how} | ${cells.join(' | ')} |`);
    }
  return lines;
}

function cell(ms: readonly number[]): string {
  const sorted = [...ms].sort((a, b) => a - b);
  return `${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1)} (${(sorted.at(-1) ?? 0).toFixed(1)}) ms`;
}

async function cut(name: string, level: 'freeze' | 'kill', isGrouped: boolean): Promise<Round> {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-bench-'));
  const file = join(directory, 'slots');
  writeFileSync(file, Buffer.alloc(MEMBERS * SLOT));
  const run = `bench-${process.pid}-${name}`;
  const cgroup = isGrouped ? Cgroup.make(run) : null;
  if (isGrouped && cgroup === null) throw new Error('no control group can be made here');
  const [shell = '', ...args] = launchOf({
    command: ['perl', '-e', PROGRAM],
    run,
    ...(cgroup === null ? {} : { cgroup: cgroup.path }),
  });
  const child = spawn(shell, args, {
    cwd: directory,
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', LANYARD_RUN: run },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const word = child.stdio[3];
  if (word !== null && word !== undefined && 'end' in word) word.end('go\n');
  const tree = new ProcessTree({ run, pid: child.pid ?? 0, cgroup });
  const written = () => {
    const slots = readFileSync(file);
    return Array.from({ length: MEMBERS }, (_, i) => slots.readDoubleLE(i * SLOT) * 1000);
  };
  while (written().some((at) => at === 0)) await pause(20);
  const pids = markedBy(run);
  const pulledMs = Number(process.hrtime.bigint()) / 1e6;
  const began = performance.now();
  const killed = level === 'kill' ? tree.freezeAndKill() : tree.freeze();
  const tickMs = performance.now() - began;
  await tree.frozen();
  const stillMs = performance.now() - began;
  await killed;
  if (level === 'kill') await tree.ended();
  const doneMs = performance.now() - began;
  await pause(200);
  const lastMs = Math.max(0, Math.max(...written()) - pulledMs);
  if (level === 'freeze') {
    tree.thaw();
    tree.kill();
    await tree.ended();
  }
  if (pids.some((pid) => isAlive(pid))) throw new Error('something of the tree is left');
  rmSync(directory, { recursive: true, force: true });
  return { processes: pids.length, tickMs, lastMs, stillMs, doneMs };
}
