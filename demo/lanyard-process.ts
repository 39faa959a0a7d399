import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const LANYARD = join(import.meta.dirname, '..', 'lanyard');
const READY_MS = 30_000;
const COMMAND_MS = 30_000;
const OUTPUT_BYTES = 16 * 1024 * 1024;
/** `up` drains for at most 10 s. */
const STOP_MS = 12_000;

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./lanyard …` to their ends, each in a process of its own that `signal` ends early. */
export class LanyardCommands {
  readonly #config: string;
  readonly #signal: AbortSignal;

  constructor(config: string, signal: AbortSignal) {
    this.#config = config;
    this.#signal = signal;
  }

  /** A command that ends badly is an answer, not an exception. */
  run(...words: readonly string[]): Promise<Finished> {
    const options = { timeout: COMMAND_MS, maxBuffer: OUTPUT_BYTES, signal: this.#signal };
    return new Promise((resolve) => {
      execFile(LANYARD, [...words, '-c', this.#config], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      });
    });
  }
}

/** One `./lanyard up`, from its start to its end. */
export class LanyardProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(config: string) {
    this.#child = spawn(LANYARD, ['up', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** The url of its ready line. Throws with what it said where it does not get that far. */
  async ready(): Promise<string> {
    const said = text(this.#child.stderr);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), READY_MS);
    for await (const line of createInterface({ input: this.#child.stdout })) {
      const url = /^ready (\S+)$/.exec(line)?.[1];
      if (url === undefined) continue;
      clearTimeout(late);
      return url;
    }
    clearTimeout(late);
    throw new Error(`Lanyard did not start:\n${await said}`);
  }

  /** Ends it as a person would, and hard where that does not help. Once it is gone this does nothing. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(late);
  }
}
