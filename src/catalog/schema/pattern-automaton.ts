import { LIMITS } from '../../base/limits.ts';
import { beginsAtStart, type CharTest, type PatternTree, type Place } from './pattern-tree.ts';

/** How much may still be looked at in one check; shared by all that the check does, and never refilled in it. */
export interface Work {
  left: number;
}

type State =
  | { readonly op: 'match' }
  | { readonly op: 'char'; readonly test: CharTest; readonly next: number }
  | { readonly op: 'split'; left: number; right: number }
  | Assertion;
type Assertion =
  | { readonly op: 'place'; readonly place: Place; readonly next: number }
  | { readonly op: 'look'; readonly from: number; readonly wanted: boolean; readonly next: number };

/** One look for a match: `looks` remembers the answers of lookaheads, by state and place. */
interface Search {
  readonly text: string;
  readonly work: Work;
  readonly looks: Map<string, boolean>;
}

/** What a text can have reached at one place: every state, and those of them that wait for a character. */
interface Reached {
  readonly all: Set<number>;
  readonly waiting: number[];
}

/** A nondeterministic automaton; all states that a text can have reached are followed at once (Thompson 1968). */
export class Automaton {
  readonly #states: State[] = [];
  readonly #isUnicode: boolean;
  readonly #isFixed: boolean;
  readonly #start: number;
  #isTooLarge = false;

  constructor(tree: PatternTree, isUnicode: boolean) {
    this.#isUnicode = isUnicode;
    this.#isFixed = beginsAtStart(tree);
    this.#start = this.#emit(tree, this.#add({ op: 'match' }));
  }

  get size(): number {
    return this.#states.length;
  }

  /** It has more states than are kept, and must not be run. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  /** Whether the text holds a match. When `work` runs out the answer means nothing. */
  test(text: string, work: Work): boolean {
    return this.#run({ text, work, looks: new Map() }, this.#start, 0, this.#isFixed);
  }

  #add(state: State): number {
    if (this.#states.length >= LIMITS.patternStates) this.#isTooLarge = true;
    else this.#states.push(state);
    return this.#states.length - 1;
  }

  /** Adds the states for a part that is followed by the state `next`; answers where it begins. */
  #emit(tree: PatternTree, next: number): number {
    switch (tree.kind) {
      case 'char':
        return this.#add({ op: 'char', test: tree.test, next });
      case 'place':
        return this.#add({ op: 'place', place: tree.place, next });
      case 'look':
        return this.#add({
          op: 'look',
          from: this.#emit(tree.part, this.#add({ op: 'match' })),
          wanted: tree.wanted,
          next,
        });
      case 'seq':
        return tree.parts.reduceRight((after, part) => this.#emit(part, after), next);
      case 'alt':
        return tree.parts
          .map((part) => this.#emit(part, next))
          .reduceRight((right, left) => this.#add({ op: 'split', left, right }));
      case 'repeat':
        return this.#emitRepeat(tree.part, tree.min, tree.max, next);
    }
  }

  #emitRepeat(part: PatternTree, min: number, max: number, next: number): number {
    let first = next;
    if (max === Number.POSITIVE_INFINITY) {
      const loop: State = { op: 'split', left: 0, right: next };
      first = this.#add(loop);
      loop.left = this.#emit(part, first);
    } else {
      for (let i = min; i < max && !this.#isTooLarge; i++) {
        first = this.#add({ op: 'split', left: this.#emit(part, first), right: next });
      }
    }
    for (let i = 0; i < min && !this.#isTooLarge; i++) {
      const before = first;
      first = this.#emit(part, before);
      if (first === before) break; // a part without states; repeating it would take for ever and change nothing
    }
    return first;
  }

  /** Whether there is a match that begins in the state `start` at `from`, or, unless `isFixed`, anywhere behind it. */
  #run(search: Search, start: number, from: number, isFixed: boolean): boolean {
    const { text, work } = search;
    let now: Reached = { all: new Set(), waiting: [] };
    for (let at = from; ; ) {
      if ((!isFixed || at === from) && this.#reach(search, start, at, now)) return true;
      if (at >= text.length || work.left <= 0 || (isFixed && now.waiting.length === 0)) return false;
      const code = (this.#isUnicode ? text.codePointAt(at) : text.charCodeAt(at)) ?? 0;
      const then: Reached = { all: new Set(), waiting: [] };
      at += code > 0xffff ? 2 : 1;
      for (const index of now.waiting) {
        const state = this.#states[index];
        if (state?.op !== 'char' || !state.test(code)) continue;
        if (this.#reach(search, state.next, at, then)) return true;
      }
      work.left -= 1 + now.waiting.length;
      now = then;
    }
  }

  /** Adds a state and what it leads to without a character. True: the end was among them. */
  #reach(search: Search, first: number, at: number, { all, waiting }: Reached): boolean {
    const todo = [first];
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      if (all.has(index)) continue;
      all.add(index);
      if (--search.work.left <= 0) return false;
      const state = this.#states[index];
      if (state === undefined) continue;
      if (state.op === 'match') return true;
      if (state.op === 'char') waiting.push(index);
      else if (state.op === 'split') todo.push(state.left, state.right);
      else if (this.#holds(search, state, index, at)) todo.push(state.next);
    }
    return false;
  }

  /** Whether what a state asks of the place alone is so there. */
  #holds(search: Search, state: Assertion, index: number, at: number): boolean {
    if (state.op === 'place') return isAt(state.place, search.text, at);
    const key = `${index} ${at}`;
    let found = search.looks.get(key);
    if (found === undefined) {
      found = this.#run(search, state.from, at, true);
      search.looks.set(key, found);
    }
    return found === state.wanted;
  }
}

function isAt(place: Place, text: string, at: number): boolean {
  if (place === 'start') return at === 0;
  if (place === 'end') return at === text.length;
  return (isWord(text.charCodeAt(at - 1)) !== isWord(text.charCodeAt(at))) === (place === 'word');
}

/** ECMA-262 WordCharacters without the flag `i`; NaN beyond the ends is none. */
function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
  );
}
