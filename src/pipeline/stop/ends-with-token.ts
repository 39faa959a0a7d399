import type { Tokens } from '../credentials/tokens.ts';

/**
 * What must not outlive the token that it was begun with ends in the tick in which that is taken away, whoever else waits
 * for it: whatever a program under `run` has begun, and each task. Of a token that runs out nobody is told.
 * `add` does not look whether the token is still good: whoever calls it has.
 */
export class EndsWithToken {
  readonly #tokens: Tokens;
  readonly #open = new Map<string, Set<() => void>>();

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
    tokens.watch(() => this.#look());
  }

  /** `end` is called once, and must bear to be called when it is over. Answers how to leave. */
  add(token: string | null | undefined, end: () => void): () => void {
    if (token === undefined || token === null) return NOTHING;
    const own = this.#open.get(token) ?? new Set();
    this.#open.set(token, own.add(end));
    return () => {
      own.delete(end);
      if (own.size === 0 && this.#open.get(token) === own) this.#open.delete(token);
    };
  }

  #look(): void {
    for (const [token, own] of [...this.#open]) {
      if (this.#tokens.isLive(token)) continue;
      this.#open.delete(token);
      for (const end of own) end();
    }
  }
}

const NOTHING = (): void => undefined;
