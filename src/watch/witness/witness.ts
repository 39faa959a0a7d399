import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../base/error-text.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Here } from './comparison.ts';
import type { WitnessLink } from './link.ts';

interface WitnessParts {
  readonly label: string;
  readonly link: WitnessLink;
  /** A line for a person. */
  log(line: string): void;
  /** It answered a checkpoint with another one of this log. */
  onAhead(text: string): void;
}

/**
 * One witness, to which checkpoints are sent in turn. Only the newest waits: where the witness is slower than they
 * come, those in between are left out, since a checkpoint speaks for all that was before it. Nobody ever waits for a
 * witness.
 */
export class Witness {
  readonly label: string;
  readonly #parts: WitnessParts;
  #waiting: string | null = null;
  #sending: Promise<void> | null = null;
  #trouble: string | null = null;
  #failures = 0;
  #aheadOf: Here | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #stop = new AbortController();
  /** Ends the pause between attempts, when a stop wants the last checkpoint sent. */
  #rest = new AbortController();

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    this.label = parts.label;
  }

  /** Why the witness could not be reached when that was last tried; null: it could, or nothing was tried yet. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** What the state was when the witness was found to have more than that, or another log; null: it was not. */
  get aheadOf(): Here | null {
    return this.#aheadOf;
  }

  /** A witness that is ahead of the state is sent nothing that could bury what it has. */
  set aheadOf(here: Here | null) {
    this.#aheadOf = here;
    if (here !== null) this.#waiting = null;
  }

  /** What the witness has of this log; null: it cannot be asked now, which is logged. */
  async recall(): Promise<string | null> {
    try {
      const text = await this.#within((signal) => this.#parts.link.recall(signal));
      this.#reached();
      return text;
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  offer(note: string): void {
    if (this.#aheadOf !== null || this.#stop.signal.aborted) return;
    this.#waiting = note;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  /** Sends what waits, if that can be done at once, and ends. */
  async end(): Promise<void> {
    this.#rest.abort();
    const sent = this.#sending ?? Promise.resolve();
    await Promise.race([sent, pause(LIMITS.witnessEndMs, undefined, { ref: false })]);
    this.#stop.abort();
    this.#waiting = null;
  }

  async #send(): Promise<void> {
    while (this.#waiting !== null) {
      const note = this.#waiting;
      this.#waiting = null;
      try {
        const { ahead } = await this.#within((signal) => this.#parts.link.keep(note, signal));
        this.#reached();
        if (ahead !== null) {
          this.#parts.onAhead(ahead);
          if (this.#aheadOf === null)
            throw new Error('it refused the checkpoint and gave none of this log in return');
        }
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#failed(error);
        this.#waiting ??= note;
        // A stop waits for one attempt at the last checkpoint, and for no more.
        if (this.#rest.signal.aborted) return;
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    const { first, most } = LIMITS.witnessBackoffMs;
    const waitMs = Math.min(most, first * 2 ** Math.min(this.#failures - 1, 20));
    const signal = AbortSignal.any([this.#rest.signal, this.#stop.signal]);
    await pause(waitMs, undefined, { ref: false, signal }).catch(() => undefined);
  }

  /**
   * One call of the link after the other. A call that does not come back is no longer waited for, but no other is made
   * before it does: a hung file system must not take one thread after the other.
   */
  async #within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([AbortSignal.timeout(LIMITS.witnessMs), this.#stop.signal]);
    const late = Promise.withResolvers<never>();
    const onAbort = () => late.reject(new Error(`it did not answer within ${LIMITS.witnessMs} ms`));
    signal.addEventListener('abort', onAbort, { once: true });
    const before = this.#turn;
    const turn = Promise.withResolvers<void>();
    this.#turn = turn.promise;
    const working = before.then(() => {
      signal.throwIfAborted();
      return work(signal);
    });
    working.then(
      () => turn.resolve(),
      () => turn.resolve(),
    );
    try {
      return await Promise.race([working, late.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #reached(): void {
    if (this.#trouble !== null) this.#parts.log(`witness ${this.label} takes checkpoints again`);
    this.#trouble = null;
    this.#failures = 0;
  }

  #failed(error: unknown): void {
    const why = messageOf(error);
    this.#failures++;
    if (this.#trouble === null)
      this.#parts.log(
        `witness ${this.label} cannot be reached (${why}); it is tried again, and until it is back nothing there would show what is changed here`,
      );
    this.#trouble = why;
  }
}
