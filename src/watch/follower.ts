import { LIMITS } from '../base/limits.ts';
import { type Entry, entryIn } from '../contract/log-entry.ts';
import type { Store } from '../store/store.ts';

interface FollowerParts {
  readonly store: Pick<Store, 'size' | 'entries'>;
  onEntry(entry: Entry): void;
  /** Told how many entries were passed over because too many had gathered. */
  onSkipped(count: number): void;
}

/**
 * Reads the log behind its writer, from where the log ends at the start: a little at a time, so that nobody waits for
 * it.
 */
export class Follower {
  readonly #parts: FollowerParts;
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#next = await this.#parts.store.size();
    this.#timer = setInterval(() => void this.read(), LIMITS.followEveryMs);
    this.#timer.unref();
  }

  /** Reads what has come since, at most LIMITS.followEntries at a time; each reading waits for the one before. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readOn()).catch(() => undefined);
    return this.#reading;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.read();
  }

  async #readOn(): Promise<void> {
    const { store, onEntry, onSkipped } = this.#parts;
    const size = await store.size();
    const behind = size - this.#next;
    if (behind > LIMITS.followBacklog) {
      onSkipped(behind - LIMITS.followBacklog);
      this.#next = size - LIMITS.followBacklog;
    }
    const end = Math.min(size, this.#next + LIMITS.followEntries);
    for await (const page of store.entries(this.#next, end)) {
      for (const row of page) onEntry(entryIn(row.text));
      this.#next = (page.at(-1)?.seq ?? this.#next) + 1;
    }
  }
}
