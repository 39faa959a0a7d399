import type { Tokens } from '../credentials/tokens.ts';

/**
 * What a program under `run` has begun ends in the tick in which the token of its run does, whoever else waits for it.
 * `add` does not look whether the token is still good: whoever calls it has.
 */
export class EndsWithRun {
  readonly #tokens: Tokens;
  readonly #open = new Map<string, Set<() => void>>();

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
    tokens.watch(() => this.#look());
  }

  /** `end` is called once, and must bear to be called when it is over. Answers how to leave. */
  add(ofRun: string | undefined, end: () => void): () => void {
    if (ofRun === undefined) return NOTHING;
    const own = this.#open.get(ofRun) ?? new Set();
    this.#open.set(ofRun, own.add(end));
    return () => {
      own.delete(end);
      if (own.size === 0 && this.#open.get(ofRun) === own) this.#open.delete(ofRun);
    };
  }

  #look(): void {
    for (const [ofRun, own] of [...this.#open]) {
      if (this.#tokens.isLive(ofRun)) continue;
      this.#open.delete(ofRun);
      for (const end of own) end();
    }
  }
}

const NOTHING = (): void => undefined;
