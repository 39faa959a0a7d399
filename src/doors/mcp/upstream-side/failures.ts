import { LIMITS } from '../../../base/limits.ts';

/**
 * Failed tries to connect to one upstream, in a row. A server that is away for a night is no page of lines: each reason is
 * said when it comes up, and while it stays once in LIMITS.failureToldMs, with how often it was so.
 */
export class Failures {
  #reason = '';
  #toldMs = 0;
  /** Since the last line. */
  #untold = 0;
  /** Since it was connected. */
  #all = 0;

  /** One more. The line that is due, or null. */
  note(reason: string, nowMs: number): string | null {
    this.#all++;
    this.#untold++;
    const isSame = reason === this.#reason;
    if (isSame && nowMs - this.#toldMs < LIMITS.failureToldMs) return null;
    const times = isSame ? ` (${this.#untold} tries since this was said last, all the same)` : '';
    this.#reason = reason;
    this.#toldMs = nowMs;
    this.#untold = 0;
    return `${reason}${times}`;
  }

  /** Why the last of them failed; null where none did since it was connected. */
  get reason(): string | null {
    return this.#reason === '' ? null : this.#reason;
  }

  /** It is connected. What is to be said of the tries before: nothing where there was one line for each. */
  end(): string {
    const said = this.#untold > 0 ? ` (after ${this.#all} failed tries)` : '';
    this.#reason = '';
    this.#untold = 0;
    this.#all = 0;
    return said;
  }
}
