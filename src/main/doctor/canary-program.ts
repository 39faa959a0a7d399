import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../../base/limits.ts';
import { isAlive, markedBy } from '../../doors/run/index.ts';
import { LAUNCHER } from '../installation.ts';
import type { Ground } from './ground.ts';

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

interface CanaryProgramOptions {
  readonly ground: Ground;
  /** Below the ground; the program may write there. */
  readonly directory: string;
  /** The configuration by which `./lanyard run` finds its instance. */
  readonly config: string;
  readonly agent: string;
  readonly token: string;
  /** Lines of a shell that come first. */
  readonly first?: string;
}

/** A program under `./lanyard run` itself that does nothing but live, as a tree of processes. */
export class CanaryProgram {
  readonly directory: string;
  readonly #options: CanaryProgramOptions;
  #child: ChildProcess | null = null;
  #said = '';
  #pids: readonly number[] = [];

  constructor(options: CanaryProgramOptions) {
    this.#options = options;
    this.directory = options.ground.path(options.directory);
  }

  start(): void {
    const { ground, config, agent, token, first = '' } = this.#options;
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(join(this.directory, 'tree.sh'), `${first}${TREE}`);
    const { PATH = '', HOME = '' } = process.env;
    const words = ['run', '--agent', agent, '-c', config, '--', '/bin/sh', 'tree.sh'];
    const child = spawn(LAUNCHER, words, {
      cwd: this.directory,
      // What a run keeps with its user is not for a canary to leave there.
      env: { PATH, HOME, XDG_STATE_HOME: this.directory, LANYARD_TOKEN: token },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    child.on('error', () => undefined);
    this.#child = child;
    if (child.pid !== undefined) ground.note(child.pid);
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#said = (this.#said + chunk).slice(-LIMITS.drillSaidLength);
    });
  }

  get hasEnded(): boolean {
    const child = this.#child;
    return child?.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  }

  /** Whether each of its processes has said that it lives; from then on it is known which they are. */
  get isAlive(): boolean {
    const lives = BEATS.every((name) => sizeOf(join(this.directory, name)) >= 4);
    if (lives && this.#pids.length === 0) this.#pids = markedBy(this.run);
    return lives;
  }

  /** Whether any of those is there still, stopped or not. */
  get isThere(): boolean {
    return this.#pids.some((pid) => isAlive(pid));
  }

  /** Whether none of its processes is left, whoever was known. */
  get isGone(): boolean {
    return !this.isThere && markedBy(this.run).length === 0;
  }

  /** When the last of them said that it lives, in milliseconds since 1970, by the dates of the files. */
  get lastBeatMs(): number {
    return Math.max(...BEATS.map((name) => changedMs(join(this.directory, name))));
  }

  get run(): string {
    return /run (\S+) of/.exec(this.#said)?.[1] ?? 'none';
  }

  /** What holds it, as the command says. */
  get held(): string {
    return /held by ([^;\n]+)/.exec(this.#said)?.[1] ?? 'nothing';
  }

  get lastWords(): string {
    return this.#said.trim().split('\n').at(-1) ?? '';
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (child === null || this.hasEnded) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), LIMITS.drillEndMs);
    await ended;
    clearTimeout(late);
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
