import { LIMITS } from '../base/limits.ts';
import type { Decision } from '../model/decision.ts';
import { unite, type Verdict } from './verdict.ts';

/**
 * Answers in words, each composed once: what the same rules say of the same operation is the same sentence. An answer to
 * several targets, or one that tells what went wrong, is composed every time.
 */
export class Answers {
  readonly #composed = new Map<string, Decision>();

  /** As `unite`. */
  unite(verdicts: readonly Verdict[], operation: string, watched: boolean): Decision {
    const [only] = verdicts;
    if (only === undefined || verdicts.length > 1 || only.what !== undefined)
      return unite(verdicts, operation, watched);
    let key = `${only.decision} ${only.code} ${watched}`;
    for (const { index } of only.rules) key += ` ${index}`;
    // Last, for it may hold anything.
    key += ` ${operation}`;
    let answer = this.#composed.get(key);
    if (answer === undefined) {
      answer = unite(verdicts, operation, watched);
      if (this.#composed.size < LIMITS.composedAnswers) this.#composed.set(key, answer);
    }
    return answer;
  }
}
