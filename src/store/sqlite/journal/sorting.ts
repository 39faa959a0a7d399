import { LIMITS } from '../../../base/limits.ts';
import type { Extent } from './journal.ts';
import { HEAD_BYTES } from './segment.ts';
import { Sorter, type SorterTask } from './sorter.ts';

/**
 * Work for the sorting thread, in order. A task that fails stays first: whoever waits is told, and whoever asks next
 * has it tried again.
 */
export class Sorting {
  readonly #sorter: Sorter;
  readonly #tasks: SorterTask[] = [];
  #running: Promise<void> | null = null;
  #fault: Error | null = null;
  /** The segment last asked for, and up to where. */
  #asked = { order: 0, to: HEAD_BYTES };
  #timer: NodeJS.Timeout | undefined;
  #latest: Extent | null = null;

  constructor(log: string) {
    this.#sorter = new Sorter(log);
    this.#sorter.warm();
  }

  /** Why the last attempt failed; null when it did not. */
  get fault(): Error | null {
    return this.#fault;
  }

  /** Asks for everything of the segment so far. */
  sort({ path, head, to }: Extent): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const from = this.#asked.order === head.order ? this.#asked.to : HEAD_BYTES;
    this.#asked = { order: head.order, to };
    if (from < to) this.#tasks.push({ kind: 'sort', path, epoch: head.epoch, order: head.order, from, to });
    this.#start();
  }

  /** Asks for it when there is enough, or after a while. */
  sortSoon(extent: Extent): void {
    const from = this.#asked.order === extent.head.order ? this.#asked.to : HEAD_BYTES;
    if (extent.to - from >= LIMITS.sortBytes) {
      this.sort(extent);
      return;
    }
    this.#latest = extent;
    this.#timer ??= setTimeout(() => this.sort(this.#latest ?? extent), LIMITS.sortAfterMs).unref();
  }

  /** Of what a failed attempt left nothing may stay either: in the segment's next turn it would lie behind frames again. */
  wipe({ path, soiled }: Extent): void {
    this.#tasks.push({ kind: 'wipe', path, to: soiled });
    this.#start();
  }

  expire(nowMs: number): Promise<number> {
    return this.#sorter.ask({ kind: 'expire', nowMs });
  }

  async settle(): Promise<void> {
    await this.#sorter.ask({ kind: 'settle' });
  }

  /** Resolves when all that was asked for is done, and rejects when it cannot be. */
  async done(): Promise<void> {
    this.#start();
    await this.#running;
    if (this.#fault !== null) throw this.#fault;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    await this.#sorter.close().catch(() => undefined);
  }

  #start(): void {
    if (this.#tasks.length > 0) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      for (let task = this.#tasks[0]; task !== undefined; task = this.#tasks[0]) {
        await this.#sorter.ask(task);
        this.#fault = null;
        this.#tasks.shift();
      }
    } catch (fault) {
      this.#fault = fault instanceof Error ? fault : new Error(String(fault));
    } finally {
      // In the same tick as the last look at the tasks: what comes later starts another run.
      this.#running = null;
    }
  }
}
