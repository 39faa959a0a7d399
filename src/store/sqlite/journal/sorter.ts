import { Worker } from 'node:worker_threads';
import { LIMITS } from '../../../base/limits.ts';

/** What the sorting thread is asked to do. Each is answered, in order. */
export type SorterTask =
  /** Brings the frames between two places of a segment into the tables. */
  | {
      readonly kind: 'sort';
      readonly path: string;
      readonly epoch: Uint8Array;
      readonly order: number;
      readonly from: number;
      readonly to: number;
    }
  /** Overwrites a segment with zeros, behind its head and up to a place. */
  | { readonly kind: 'wipe'; readonly path: string; readonly to: number }
  | { readonly kind: 'expire'; readonly nowMs: number }
  /** Nothing that was removed stays in the tables' files. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'close' };

interface Answer {
  readonly id: number;
  readonly value?: number;
  readonly fault?: string;
}

interface Waiting {
  resolve(value: number): void;
  reject(fault: Error): void;
}

/**
 * The sorting thread, seen from outside. It starts with the first task, and again after it was lost or had nothing to do
 * for a while: its heap and its pages of the tables are some 15 MB.
 */
export class Sorter {
  readonly #log: string;
  readonly #idleMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #next = 0;
  #closing = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(log: string, idleMs: number = LIMITS.restSoonMs) {
    this.#log = log;
    this.#idleMs = idleMs;
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Lets the thread come up while its first task is on the way: that takes it longer than most tasks do. */
  warm(): void {
    this.#running().unref();
  }

  ask(task: SorterTask): Promise<number> {
    clearTimeout(this.#idle);
    const worker = this.#running();
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, task });
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    if (worker === null) return;
    this.#closing = true;
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    await this.ask({ kind: 'close' });
    await exited;
  }

  #running(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./sorter-thread.ts', import.meta.url), {
      workerData: { log: this.#log },
      name: 'sorter',
      // It holds some megabytes of frames at a time, and lives as long as the instance.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    worker.on('message', (answer: Answer) => this.#answered(answer));
    worker.on('error', (fault) => this.#lost(fault instanceof Error ? fault.message : String(fault)));
    worker.on('exit', () => this.#lost('it ended'));
    this.#worker = worker;
    return worker;
  }

  #answered({ id, value, fault }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    // A thread without work keeps no process alive; one that is waited for to end does.
    if (this.#waiting.size === 0 && !this.#closing) {
      this.#worker?.unref();
      this.#idle = setTimeout(() => this.#rest(), this.#idleMs).unref();
    }
    if (fault === undefined) waiting?.resolve(value ?? 0);
    else waiting?.reject(new Error(fault));
  }

  /** Nobody waits for it. What it still has open it closes itself; a task that comes meanwhile gets a new one. */
  #rest(): void {
    const worker = this.#worker;
    this.#worker = null;
    worker?.removeAllListeners();
    worker?.on('error', () => undefined);
    worker?.postMessage({ id: this.#next++, task: { kind: 'close' } satisfies SorterTask });
  }

  #lost(why: string): void {
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(new Error(`the thread that sorts the log was lost: ${why}`));
  }
}
