import { Worker } from 'node:worker_threads';

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

/** The sorting thread, seen from outside. It starts with the first task, and again after it was lost. */
export class Sorter {
  readonly #log: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #next = 0;
  #closing = false;

  constructor(log: string) {
    this.#log = log;
  }

  ask(task: SorterTask): Promise<number> {
    const worker = this.#running();
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, task });
    });
  }

  async close(): Promise<void> {
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
      // It holds a megabyte of frames at a time, and lives as long as the instance.
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
    if (this.#waiting.size === 0 && !this.#closing) this.#worker?.unref();
    if (fault === undefined) waiting?.resolve(value ?? 0);
    else waiting?.reject(new Error(fault));
  }

  #lost(why: string): void {
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(new Error(`the thread that sorts the log was lost: ${why}`));
  }
}
