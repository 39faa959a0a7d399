import { MINUTE_MS } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Scope } from '../../containment/levels.ts';
import type { Level } from '../../model/level.ts';
import type { About } from '../acts/rights.ts';
import type { Operator, OperatorAct } from '../operate.ts';
import type { HaltSwitch } from './halt-switch.ts';
import { keepable, type ReleaseTerms, release } from './stop.ts';

/** One person's word that what was killed may come back. */
interface FirstWord {
  readonly person: string;
  readonly atMs: number;
  /** Which stop of this scope it is about: a later one makes it void. */
  readonly stop: number;
}

/** First words: the log has them, and a start reads them there. A further stop and LIMITS.firstWordMs make one void. */
export class FirstWords {
  readonly #words = new Map<Scope, FirstWord>();

  find(scope: Scope, halt: HaltSwitch, nowMs: number): FirstWord | null {
    const word = this.#words.get(scope);
    if (word === undefined || word.stop !== halt.stopOf(scope)) return null;
    return nowMs - word.atMs < LIMITS.firstWordMs ? word : null;
  }

  put(scope: Scope, word: FirstWord): void {
    this.#words.set(scope, word);
  }

  take(scope: Scope): void {
    this.#words.delete(scope);
  }
}

/** Who is entitled to release a scope, and may count beside whom. */
interface Releasers {
  /** Ids of people who could sign it now. */
  entitled(about: About): readonly string[];
  /** Whether one enrolled the other lately: the two never count together. */
  areIndependent(one: string, other: string): boolean;
}

export interface KilledRelease {
  readonly halt: HaltSwitch;
  readonly words: FirstWords;
  readonly releasers: Releasers;
  now(): number;
}

/** The first of two: signed and recorded, and nothing is released by it. */
export function sayFirst(
  { halt, words, now }: KilledRelease,
  scope: Scope,
  why: string,
  refuse: () => Promise<Problem | null>,
  about: About,
): OperatorAct<null> {
  const stop = halt.stopOf(scope);
  let by: string | null = null;
  return {
    name: 'release-first',
    about,
    fields: { scope, was: 'killed', why: keepable(why) },
    cells: [],
    async refuse(operator) {
      by = personOf(operator);
      return refuse();
    },
    apply() {
      if (by !== null) words.put(scope, { person: by, atMs: now(), stop });
      return null;
    },
  };
}

/** The second of two: by another person, or where only one is entitled by her again LIMITS.secondWordMs later. */
export function saySecond(
  { halt, words, releasers, now }: KilledRelease,
  scope: Scope,
  why: string,
  refuse: () => Promise<Problem | null>,
  { about = {}, halfOpen }: ReleaseTerms,
): OperatorAct<Level> {
  const act = release(halt, scope, why, refuse, { about, halfOpen });
  const first = words.find(scope, halt, now());
  return {
    ...act,
    fields: { ...act.fields, first: first?.person ?? '' },
    async refuse(operator) {
      if (first === null || words.find(scope, halt, now()) !== first) return VOID;
      const person = operator === undefined ? null : personOf(operator);
      const why = person === null ? null : whyNotSecond(first, person, releasers, about, now());
      return why ?? (await act.refuse?.(operator)) ?? null;
    },
    apply() {
      words.take(scope);
      return act.apply();
    },
  };
}

const VOID = problem('FIRST_WORD_VOID');

function whyNotSecond(
  first: FirstWord,
  person: string,
  releasers: Releasers,
  about: About,
  nowMs: number,
): Problem | null {
  if (person !== first.person) {
    if (releasers.areIndependent(first.person, person)) return null;
    return problem('NOT_INDEPENDENT', { first: first.person, second: person });
  }
  const others = releasers
    .entitled(about)
    .filter((id) => id !== person && releasers.areIndependent(id, person));
  if (others.length > 0) return problem('SECOND_PERSON_NEEDED', { person, others: others.join(', ') });
  const leftMs = first.atMs + LIMITS.secondWordMs - nowMs;
  if (leftMs <= 0) return null;
  return problem('SECOND_WORD_EARLY', { person, minutes: Math.ceil(leftMs / MINUTE_MS) });
}

const personOf = (operator: Operator | undefined) => (operator?.by === 'person' ? operator.person.id : null);
