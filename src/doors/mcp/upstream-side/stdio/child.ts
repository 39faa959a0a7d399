import { type ChildProcess, spawn } from 'node:child_process';
import type { StdioUpstream, UpstreamLimits } from '../config.ts';
import { Tail } from './tail.ts';

/** How long, after the leader of a child's group has gone, its pipes may still hold answers. */
const LEFTOVER_MS = 500;

/**
 * One process of an upstream, leader of its own process group, so that what it starts ends with it. Its environment is
 * the configured one and nothing else. A process that leaves the group (setsid) is not reached: see THREATS.md.
 */
export class Child {
  /** Resolves when the process is gone and what it wrote has been read; also when it could not be started. */
  readonly gone: Promise<string>;
  readonly stderr: Tail;
  readonly #process: ChildProcess;
  readonly #limits: UpstreamLimits;
  #ending: Promise<void> | null = null;
  #exited = false;

  constructor(config: StdioUpstream, limits: UpstreamLimits, onOutput: (chunk: Buffer) => void) {
    const [program = '', ...args] = config.command;
    this.#limits = limits;
    this.stderr = new Tail(limits.stderrBytes);
    this.#process = spawn(program, args, {
      cwd: config.cwd,
      env: { ...config.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    // First of all: where the system has run out of files, spawn makes no pipes, and tells it by an event alone.
    this.gone = this.#watch();
    const { stdin, stdout, stderr } = this.#process;
    stdout?.on('data', onOutput);
    stderr?.on('data', (chunk: Buffer) => this.stderr.push(chunk));
    stderr?.on('error', () => {});
    // A process that no longer reads or writes can neither be asked nor answer, so it is none any more.
    for (const pipe of [stdin, stdout]) {
      pipe?.on('error', () => this.#abandon());
      pipe?.on('close', () => this.#abandon());
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Bytes that the child has not taken yet; 0 means that the next write goes out at once. */
  get backlogBytes(): number {
    return this.#process.stdin?.writableLength ?? 0;
  }

  get writable(): boolean {
    return this.#process.stdin?.writable ?? false;
  }

  /** Writes in this very tick when `backlogBytes` is 0. `onFlushed` is called when all of it has been taken. */
  write(text: string, onFlushed?: () => void): void {
    this.#process.stdin?.write(text, 'utf8', onFlushed);
  }

  /** Closes its input, then SIGTERM, then SIGKILL to the whole group. Idempotent. */
  end(): Promise<void> {
    this.#ending ??= this.#escalate();
    return this.#ending;
  }

  kill(): void {
    this.#signal('SIGKILL');
  }

  #abandon(): void {
    if (this.#ending === null && !this.#exited) this.kill();
  }

  async #escalate(): Promise<void> {
    this.#process.stdin?.end();
    const timers = [
      setTimeout(() => this.#signal('SIGTERM'), this.#limits.childEndMs.closed),
      setTimeout(
        () => this.#signal('SIGKILL'),
        this.#limits.childEndMs.closed + this.#limits.childEndMs.terminated,
      ),
    ];
    await this.gone;
    for (const timer of timers) clearTimeout(timer);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // ESRCH: nobody of the group is left.
    }
  }

  #watch(): Promise<string> {
    return new Promise((resolve) => {
      let reason = 'it ended';
      let leftover: NodeJS.Timeout | undefined;
      const finish = () => {
        clearTimeout(leftover);
        this.#process.stdout?.destroy();
        this.#process.stderr?.destroy();
        this.#process.stdin?.destroy();
        resolve(reason);
      };
      this.#process.on('error', (error: NodeJS.ErrnoException) => {
        const hint = error.code === 'ENOENT' ? ': there is no such program, or no such `cwd`' : '';
        reason = `it could not be started (${error.code ?? 'unknown reason'})${hint}`;
        if (this.#process.pid === undefined) finish();
      });
      this.#process.once('exit', (code, signal) => {
        this.#exited = true;
        reason =
          signal === null
            ? `it exited with code ${code}; start its command by hand to see why`
            : `it was ended by ${signal}`;
        // What it started has no business after it, and may hold its pipes open.
        this.#signal('SIGKILL');
        leftover = setTimeout(finish, LEFTOVER_MS);
      });
      this.#process.once('close', finish);
    });
  }
}
