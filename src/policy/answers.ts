import { LIMITS } from '../base/limits.ts';
import type { Decision } from '../model/decision.ts';
import type { Rule } from './rule.ts';
import { unite, type Verdict } from './verdict.ts';

interface Composed extends Pick<Verdict, 'decision' | 'code' | 'rules'> {
  readonly watched: boolean;
  readonly answer: Decision;
}

/**
 * Answers in words, each composed once: what the same rules say of the same operation is the same sentence. An answer to
 * several targets, or one that tells what went wrong, is composed every time.
 */
export class Answers {
  /** By operation: each has few, which are compared member by member, since a key of all would be made with every call. */
  readonly #composed = new Map<string, Composed[]>();
  #count = 0;

  /** As `unite`. */
  unite(verdicts: readonly Verdict[], operation: string, watched: boolean): Decision {
    const [only] = verdicts;
    if (only === undefined || verdicts.length > 1 || only.what !== undefined)
      return unite(verdicts, operation, watched);
    const composed = this.#composed.get(operation) ?? [];
    for (const one of composed) if (one.watched === watched && isSame(one, only)) return one.answer;
    const answer = unite(verdicts, operation, watched);
    if (composed.length < LIMITS.composedAnswersEach && this.#count < LIMITS.composedAnswers) {
      const { decision, code, rules } = only;
      composed.push({ decision, rules, watched, answer, ...(code === undefined ? {} : { code }) });
      this.#composed.set(operation, composed);
      this.#count++;
    }
    return answer;
  }
}

function isSame(one: Pick<Verdict, 'decision' | 'code' | 'rules'>, other: Verdict): boolean {
  return one.decision === other.decision && one.code === other.code && areSame(one.rules, other.rules);
}

function areSame(some: readonly Rule[], others: readonly Rule[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}
