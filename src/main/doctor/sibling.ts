import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { socketPlace } from '../../control/socket.ts';
import { LAUNCHER } from '../installation.ts';
import { stateDirectory } from '../state-directory.ts';
import type { Ground } from './ground.ts';
import { type Told, tell } from './operator.ts';

export interface SiblingOptions {
  /** Directory below the ground with its lanyard.yaml and its state. */
  readonly name: string;
  /** Everything that its process finds in its environment, besides PATH, HOME, LANG and TMPDIR. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its state, below that directory; `state` where none is given. */
  readonly state?: string;
  /** What to run in the place of `./lanyard`, with it and its words as arguments. */
  readonly wrapper?: readonly string[];
}

/** A throwaway instance: this very program, started as people start it, on a state of its own. */
export class Sibling {
  readonly directory: string;
  readonly config: string;
  readonly socket: string;
  stderr = '';
  url = '';
  readonly #ground: Ground;
  readonly #options: SiblingOptions;
  #child: ChildProcess | null = null;
  #exited: Promise<unknown> = Promise.resolve();

  constructor(ground: Ground, options: SiblingOptions) {
    this.#ground = ground;
    this.#options = options;
    this.directory = ground.path(options.name);
    this.config = join(this.directory, 'lanyard.yaml');
    const state = stateDirectory(join(this.directory, options.state ?? 'state'));
    this.socket = socketPlace(state.socket, state.socketName, this.directory).path;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves once it is ready; rejects with what it said where it ends before. */
  async start(): Promise<void> {
    const { wrapper = [] } = this.#options;
    const [program = '', ...args] = [...wrapper, LAUNCHER, 'up', '-c', this.config];
    const child = spawn(program, args, {
      cwd: this.directory,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.#exited = once(child, 'exit').catch(() => undefined);
    if (child.pid !== undefined) this.#ground.note(child.pid);
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
    this.url = await readyLine(child, () => this.stderr);
  }

  environment(): Record<string, string> {
    const { PATH, HOME, LANG } = process.env;
    const own = { PATH, HOME, LANG, XDG_RUNTIME_DIR: this.directory };
    const known = Object.entries(own).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return { ...Object.fromEntries(known), ...this.#options.environment };
  }

  tell(route: string, body?: JsonObject): Promise<Told> {
    return tell(this.socket, route, body);
  }

  /** A token of an agent; throws where none is made. */
  async token(agent: string, ttlMs?: number): Promise<string> {
    const { json } = await this.tell('POST /v1/token', { agent, ...(ttlMs === undefined ? {} : { ttlMs }) });
    const { token } = json;
    if (typeof token !== 'string') throw new Error(`no token of ${agent}: ${JSON.stringify(json)}`);
    return token;
  }

  /** One command of the command line on this sibling, to its end. */
  async run(
    words: readonly string[],
    config = this.config,
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn(LAUNCHER, [...words, '-c', config], {
      cwd: this.directory,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    if (child.pid !== undefined) this.#ground.note(child.pid);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const [code] = await once(child, 'close');
    return { code: Number(code), stdout, stderr };
  }

  /** Whether it says so on stderr, at once or within a call's time: what its pipes bring has no order. */
  async says(what: string): Promise<boolean> {
    const { stderr } = this.#child ?? {};
    const signal = AbortSignal.timeout(LIMITS.doctorCallMs);
    while (!this.stderr.includes(what)) {
      if (stderr == null || stderr.closed || signal.aborted) return false;
      await once(stderr, 'data', { signal }).catch(() => undefined);
    }
    return true;
  }

  get alive(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.alive) return;
    this.#child?.kill(signal);
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), LIMITS.doctorEndMs);
    await this.#exited;
    clearTimeout(late);
  }
}

function readyLine(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const late = setTimeout(() => fail('it was not ready in time'), LIMITS.doctorStartMs);
    const fail = (why: string) => {
      clearTimeout(late);
      reject(new Error(`the sibling did not start: ${why}; ${lastLines(stderr())}`));
    };
    child.once('error', (error) => fail(error.message));
    child.once('close', () => fail('it ended'));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      seen += chunk;
      const url = /^ready (\S+)$/m.exec(seen)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    });
  });
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' / ');
