import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PIPE = fileURLToPath(new URL('./canary-pipe.ts', import.meta.url));

/** Waits until doctor's end of its stdin closes, however doctor ended; then ends what is left and removes all of it. */
const GUARD =
  'cat >/dev/null; [ -d "$1" ] || exit 0; while read -r p; do kill -9 "$p"; done <"$1/pids" 2>/dev/null; rm -rf "$1"';

/**
 * A directory of doctor's own (0700) in which everything of one run lies, and a guard process that takes it away with
 * every process that was noted, should doctor be killed before it can do so itself.
 */
export class Ground {
  readonly directory: string;
  readonly #guard: ChildProcess;
  #pipe: string | undefined;

  /** `parent`: a directory that no server serves. */
  constructor(parent: string) {
    this.directory = realpathSync(mkdtempSync(join(parent, 'lanyard-doctor-')));
    writeFileSync(join(this.directory, 'pids'), '');
    // In a session of its own: an interrupt at the terminal reaches doctor alone, which then ends all in order.
    this.#guard = spawn('/bin/sh', ['-c', GUARD, 'sh', this.directory], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#guard.unref();
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  write(name: string, text: string, mode = 0o600): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode });
    return path;
  }

  /** A program that is the canary `key` over stdio, whatever words follow; `hub.sock` here is where the hub listens. */
  canaryCommand(key: string): string {
    const words = [process.execPath, this.#pipeProgram(), this.path('hub.sock'), key];
    const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    return this.write(`canaries/${key}`, `#!/bin/sh\nexec ${quoted}\n`, 0o700);
  }

  /** As plain JavaScript: a process that has to take the types out first takes three times as long to start. */
  #pipeProgram(): string {
    this.#pipe ??= this.write('canary-pipe.mjs', stripTypeScriptTypes(readFileSync(PIPE, 'utf8')));
    return this.#pipe;
  }

  /** The guard ends this process if doctor cannot. */
  note(pid: number): void {
    appendFileSync(join(this.directory, 'pids'), `${pid}\n`);
  }

  /** Removes everything; idempotent. Processes must have been ended before. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
    this.#guard.stdin?.destroy();
  }
}
