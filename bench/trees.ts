import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Cgroup, isAlive, launchOf, markedBy, ProcessTree } from '../src/doors/run/index.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 10);
/** Each with a child, a grandchild and a daemon in a session of its own; all end by themselves after a while. */
const FAMILIES = 24;
const SCRIPT = `i=0
while [ $i -lt ${FAMILIES} ]; do
  (sh -c 'sleep 30 & wait' & wait) & setsid sh -c '(setsid sleep 30 &); exit 0' &
  i=$((i+1))
done
for one in 1 2 3 4; do (n=0; while [ $n -lt 600 ]; do echo . >> $one; sleep 0.02; n=$((n+1)); done) & done
wait`;

interface Round {
  readonly processes: number;
  /** Until the call has returned. */
  readonly tickMs: number;
  /** Until the last of them wrote anything, by the dates of the files. */
  readonly lastMs: number;
  /** Until the system says that all stand, or are gone. */
  readonly doneMs: number;
}

/** A tree of about a hundred processes, frozen and killed, as `./lanyard run` holds it. */
export async function trees(): Promise<string[]> {
  const lines = [
    `a tree of some ${FAMILIES * 4} processes, four of which write all the time; ${ROUNDS} times each`,
    '| from the call | it returned | the last sign of life | all stand, or none is left | worst |',
    '|---|---|---|---|---|',
  ];
  for (const isGrouped of [true, false])
    for (const level of ['freeze', 'kill'] as const) {
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round++)
        rounds.push(await cut(`${level}${isGrouped}${round}`, level, isGrouped));
      const of = (pick: (round: Round) => number) => rounds.map(pick).sort((a, b) => a - b);
      const middle = (pick: (round: Round) => number) => (of(pick)[Math.floor(ROUNDS / 2)] ?? 0).toFixed(1);
      const how = isGrouped ? 'control group' : 'family alone';
      const worst = (of(({ doneMs }) => doneMs).at(-1) ?? 0).toFixed(1);
      lines.push(
        `| ${level}, by ${how} | ${middle(({ tickMs }) => tickMs)} ms | ${middle(({ lastMs }) => lastMs)} ms | ${middle(({ doneMs }) => doneMs)} ms | ${worst} ms |`,
      );
    }
  return lines;
}

async function cut(name: string, level: 'freeze' | 'kill', isGrouped: boolean): Promise<Round> {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-bench-'));
  const run = `bench-${process.pid}-${name}`;
  const cgroup = isGrouped ? Cgroup.make(run) : null;
  if (isGrouped && cgroup === null) throw new Error('no control group can be made here');
  const [shell = '', ...args] = launchOf({
    command: ['/bin/sh', '-c', SCRIPT],
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
  const written = () => readdirSync(directory).map((file) => statSync(join(directory, file)).mtimeMs);
  while (written().length < 4 || tree.members().length < FAMILIES * 3) await pause(20);
  const pids = markedBy(run);
  const [began, wall] = [performance.now(), Date.now()];
  if (level === 'freeze') tree.freeze();
  else tree.kill();
  const tickMs = performance.now() - began;
  if (level === 'freeze') await tree.frozen();
  else await tree.ended();
  const doneMs = performance.now() - began;
  await pause(200);
  const lastMs = Math.max(0, Math.max(...written()) - wall);
  if (level === 'freeze') {
    tree.thaw();
    tree.kill();
    await tree.ended();
  }
  if (pids.some((pid) => isAlive(pid))) throw new Error('something of the tree is left');
  rmSync(directory, { recursive: true, force: true });
  return { processes: pids.length, tickMs, lastMs, doneMs };
}
