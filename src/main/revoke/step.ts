import { type ChildProcess, spawn } from 'node:child_process';
import { requestFor } from '../../base/http.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ProgramStep, RequestStep, Step } from './resolve.ts';

/**
 * How a step ended. `done`: exit 0 or 2xx. `refused`: another exit of the program's own, or a 4xx that does not pass by
 * itself. `unclear`: anything else, such as no answer; it proves nothing.
 */
export interface StepEnd {
  readonly end: 'done' | 'refused' | 'unclear';
  /** In our words. */
  readonly how: string;
  /** What a program said last. Nobody has scrubbed it yet. */
  readonly said?: string;
}

const unclear = (how: string): StepEnd => ({ end: 'unclear', how });

/** Runs it once, in bounded time. Never rejects. Aborted by `signal` it is `unclear`. */
export function runStep(step: Step, signal: AbortSignal): Promise<StepEnd> {
  if (signal.aborted) return Promise.resolve(unclear('Lanyard is stopping'));
  return 'command' in step ? runProgram(step, signal) : sendRequest(step, signal);
}

const slow = ({ timeoutMs }: Step) => `it took longer than ${timeoutMs / 1000} s`;

function sendRequest(step: RequestStep, stopping: AbortSignal): Promise<StepEnd> {
  const { url, method, headers, body, timeoutMs } = step;
  const late = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const make = requestFor(url);
    const signal = AbortSignal.any([late, stopping]);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const all = { 'user-agent': 'lanyard', ...headers, ...length };
    try {
      // Redirects are not followed: another address is one that nobody configured.
      const sent = make(url, { method, headers: all, agent: false, signal }, (response) => {
        resolve(endOfStatus(response.statusCode ?? 0));
        response.on('error', () => undefined);
        response.destroy();
      });
      sent.on('error', (error: NodeJS.ErrnoException) =>
        resolve(unclear(late.aborted ? slow(step) : `no answer (${error.code ?? error.name})`)),
      );
      sent.end(body);
    } catch {
      resolve(unclear('the request cannot be made from what is configured'));
    }
  });
}

function endOfStatus(status: number): StepEnd {
  const how = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { end: 'done', how };
  const passes = status === 408 || status === 425 || status === 429;
  return { end: status >= 400 && status < 500 && !passes ? 'refused' : 'unclear', how };
}

/** What a shell says where there was no program, or a signal ended it, is not the program's own word. */
const MOST_OWN_EXIT = 125;

function runProgram(step: ProgramStep, stopping: AbortSignal) {
  const { command, cwd, env, timeoutMs } = step;
  const [program = '', ...args] = command;
  return new Promise<StepEnd>((resolve) => {
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        cwd,
        env: { ...env },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch {
      resolve(unclear('it could not be started'));
      return;
    }
    let said = Buffer.alloc(0);
    let exit: StepEnd | null = null;
    const keep = (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]).subarray(-LIMITS.revokeReadBytes);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('error', () => undefined).on('data', keep);
    const finish = (end: StepEnd) => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', stop);
      if (exit === null) endGroup(child.pid);
      resolve(end.end === 'done' ? end : { ...end, said: said.toString('utf8') });
    };
    const stop = () => finish(unclear('Lanyard is stopping'));
    const timer = setTimeout(() => finish(exit ?? unclear(slow(step))), timeoutMs);
    stopping.addEventListener('abort', stop);
    child.once('error', (error: NodeJS.ErrnoException) =>
      finish(unclear(`it could not be started (${error.code ?? error.name})`)),
    );
    child.once('exit', (code, signal) => {
      exit = endOfExit(code, signal);
      // What it left running holds its pipes, and is not to go on.
      endGroup(child.pid);
    });
    child.once('close', (code, signal) => finish(exit ?? endOfExit(code, signal)));
  });
}

function endOfExit(code: number | null, signal: NodeJS.Signals | null): StepEnd {
  if (code === null) return unclear(`ended by ${signal ?? 'a signal'}`);
  if (code === 0) return { end: 'done', how: 'exit 0' };
  return { end: code <= MOST_OWN_EXIT ? 'refused' : 'unclear', how: `exit ${code}` };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
