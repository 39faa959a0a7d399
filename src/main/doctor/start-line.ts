import { LIMITS } from '../../base/limits.ts';

/** Siblings start so many at a time: a start is work, and all at once each of them would be as late as the last. */
export class StartLine {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async take<T>(start: () => Promise<T>): Promise<T> {
    if (this.#running >= LIMITS.doctorStarts) await new Promise<void>((turn) => this.#waiting.push(turn));
    else this.#running++;
    try {
      return await start();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
