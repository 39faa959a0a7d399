/** How long to wait before the next try: doubling from `first` to `most`, and back to none after a success. */
export class Backoff {
  readonly #first: number;
  readonly #most: number;
  #failures = 0;

  constructor(limits: { readonly first: number; readonly most: number }) {
    this.#first = limits.first;
    this.#most = limits.most;
  }

  /** Counts a failure; milliseconds to wait. */
  next(): number {
    const waitMs = Math.min(this.#most, this.#first * 2 ** this.#failures);
    if (waitMs < this.#most) this.#failures++;
    return waitMs;
  }

  reset(): void {
    this.#failures = 0;
  }
}
