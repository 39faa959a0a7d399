import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from '../../base/http.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { listenOnSocket, socketPlace } from '../../control/socket.ts';
import { isAlive, markedBy, type RunDesk } from '../../doors/run/index.ts';
import type { Live } from '../../pipeline/live.ts';
import type { Ground } from '../doctor/ground.ts';
import { LAUNCHER } from '../installation.ts';
import { openStateDirectory } from '../state-directory.ts';
import type { Gesture, Prop } from './prop.ts';
import { type DrilledThing, round, until } from './thing.ts';

/**
 * A leader, a child, a grandchild, and a daemon that forked twice into a session of its own; each says a few times a second
 * that it lives, in a file of its own.
 */
const TREE = `S=$(command -v setsid)
beat() { while :; do echo . >> "$1"; sleep 0.05; done; }
beat child &
(beat grandchild & wait) &
$S sh -c '(sh -c "while :; do echo . >> daemon; sleep 0.05; done" &); exit 0' &
beat leader
`;
const BEATS = ['leader', 'child', 'grandchild', 'daemon'];

export interface ProgramStage {
  readonly ground: Ground;
  readonly desk: RunDesk;
  readonly agent: string;
  readonly token: string;
  /** What is alive of the drill. */
  lives(): readonly Live[];
  now(): number;
}

/** A tree of processes under `./lanyard run` itself, as any agent's program: held by the command and by this instance. */
export class DrilledProgram implements Prop {
  readonly what = 'a supervised process tree';
  readonly #stage: ProgramStage;
  readonly #work: string;
  readonly #config: string;
  readonly #server = createServer();
  #child: ChildProcess | null = null;
  #said = '';
  #pids: readonly number[] = [];

  constructor(stage: ProgramStage) {
    this.#stage = stage;
    const { ground, desk } = stage;
    this.#config = ground.write('run/lanyard.yaml', 'listen: 127.0.0.1:0\nstate: ./state\n');
    ground.write('run/work/tree.sh', TREE);
    this.#work = ground.path('run', 'work');
    this.#server.on('upgrade', (req, socket) => desk.take(req, socket));
  }

  async raise(): Promise<Result<void, string>> {
    const { ground, agent, token, now } = this.#stage;
    const state = openStateDirectory(ground.path('run', 'state'));
    await listenOnSocket(this.#server, socketPlace(state.socket, state.socketName, ground.path('run')));
    const { PATH = '', HOME = '' } = process.env;
    const words = ['run', '--agent', agent, '-c', this.#config, '--', '/bin/sh', 'tree.sh'];
    const child = spawn(LAUNCHER, words, {
      ...{ cwd: this.#work, env: { PATH, HOME, LANYARD_TOKEN: token } },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    child.on('error', () => undefined);
    this.#child = child;
    if (child.pid !== undefined) ground.note(child.pid);
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#said = (this.#said + chunk).slice(-LIMITS.drillSaidLength);
    });
    const isOver = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    const beats = () => BEATS.every((name) => sizeOf(join(this.#work, name)) >= 4);
    await until(now, LIMITS.drillStartMs, () => beats() || isOver());
    if (!beats()) return err(`it did not come to live: ${this.#said.trim().split('\n').at(-1)}`);
    this.#pids = markedBy(this.#run);
    return ok(undefined);
  }

  async see({ level, atMs, wallMs }: Gesture): Promise<DrilledThing> {
    const { now } = this.#stage;
    const thing = (ms: number | null, held: boolean): DrilledThing => ({
      ...{ kind: 'process', name: this.#name, ms, held },
    });
    if (level === 'frozen') {
      let seen = this.#lastBeatMs();
      let sinceMs = now();
      const isStill = () => {
        const last = this.#lastBeatMs();
        if (last !== seen) [seen, sinceMs] = [last, now()];
        return now() - sinceMs >= LIMITS.drillStillMs;
      };
      const stands = await until(now, LIMITS.drillEndMs, isStill);
      // What is frozen is there still: a stop that can be taken back has ended nothing.
      const isThere = this.#pids.some((pid) => isAlive(pid));
      return thing(stands ? round(Math.max(0, seen - wallMs)) : null, stands && isThere);
    }
    const gone = await until(now, LIMITS.drillEndMs, () => !this.#pids.some((pid) => isAlive(pid)));
    const endedMs = now();
    return thing(gone ? round(endedMs - atMs) : null, gone && markedBy(this.#run).length === 0);
  }

  goesOn(): Promise<boolean> {
    const before = this.#lastBeatMs();
    return until(this.#stage.now, LIMITS.drillEndMs, () => this.#lastBeatMs() > before);
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), LIMITS.drillEndMs);
      await ended;
      clearTimeout(late);
    }
    this.#server.close();
  }

  get #run(): string {
    return this.#stage.lives().find(({ kind }) => kind === 'process')?.name ?? this.#runSaid;
  }

  get #runSaid(): string {
    return /run (\S+) of/.exec(this.#said)?.[1] ?? 'none';
  }

  get #name(): string {
    const held = /held by ([^;\n]+)/.exec(this.#said)?.[1];
    return held === undefined ? 'a tree of processes' : `a tree of processes, held by ${held}`;
  }

  /** When the last of them said that it lives, in milliseconds since 1970, by the dates of the files. */
  #lastBeatMs(): number {
    return Math.max(...BEATS.map((name) => changedMs(join(this.#work, name))));
  }
}

function sizeOf(path: string): number {
  try {
    return readFileSync(path).length;
  } catch {
    return 0;
  }
}

function changedMs(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
