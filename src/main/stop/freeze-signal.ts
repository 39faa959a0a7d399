/** SIGUSR2 freezes everything. Heard from the first moment of a start on; what came before anybody could act is kept. */
export class FreezeSignal {
  #freeze: (() => void) | null = null;
  #asked = false;
  readonly #hear = () => {
    this.#asked = true;
    this.#freeze?.();
  };

  constructor() {
    process.on('SIGUSR2', this.#hear);
  }

  /** From here on `freeze` is called at each signal, and now where one came already. */
  call(freeze: () => void): void {
    this.#freeze = freeze;
    if (this.#asked) freeze();
  }

  end(): void {
    process.off('SIGUSR2', this.#hear);
  }
}
