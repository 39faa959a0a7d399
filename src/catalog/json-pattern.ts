import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';

/** How much may still be looked at in one check; shared by all that the check does, and never refilled in it. */
export interface Work {
  left: number;
}

/**
 * A regular expression of a schema, matched without backtracking: whatever a server writes there and an agent sends,
 * the cost is at most the text's length times the pattern's, and `work` ends it before that.
 */
export interface Pattern {
  /** How many states its automaton has. */
  readonly states: number;
  /** Whether the text holds a match. When `work` runs out the answer means nothing: look at `work.left`. */
  test(text: string, work: Work): boolean;
}

/**
 * Compiles an ECMA-262 pattern, read with the flag `u` and, if it is none then, without, as the field does. Lookahead
 * is there, since zod writes it for e-mail addresses; lookbehind, back references and inline flags are not. The error
 * says why not, in a few words.
 */
export function compilePattern(source: string): Result<Pattern, string> {
  if (source.length > LIMITS.patternLength) return err(`a pattern longer than ${LIMITS.patternLength}`);
  const flags = isRegExp(source, 'u') ? 'u' : isRegExp(source, '') ? '' : null;
  if (flags === null) return err('a pattern that is no regular expression');
  const parser = new Parser(source, flags);
  const tree = parser.parse();
  if (parser.unsupported !== null) return err(`a pattern with ${parser.unsupported}`);
  const program = new Program(flags === 'u');
  program.start = program.emit(tree, program.add({ op: 'match' }));
  if (program.isTooLarge) return err('a pattern that is too large');
  const isFixed = beginsAtStart(tree);
  return ok({ states: program.size, test: (text, work) => program.run(text, work, 0, isFixed, new Map()) });
}

/** Whether every match begins at the start of the text, so that no other place need be tried. */
function beginsAtStart(tree: Tree): boolean {
  if (tree.kind === 'place') return tree.place === 'start';
  if (tree.kind === 'alt') return tree.parts.every(beginsAtStart);
  return tree.kind === 'seq' && tree.parts[0] !== undefined && beginsAtStart(tree.parts[0]);
}

function isRegExp(source: string, flags: string): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false;
  }
}

type CharTest = (code: number) => boolean;
type Place = 'start' | 'end' | 'word' | 'no-word';
type Tree =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'seq' | 'alt'; readonly parts: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly min: number; readonly max: number }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'look'; readonly part: Tree; readonly wanted: boolean };

const DEEPEST_GROUP = 64;
const SIMPLE_GROUP = /\((?:\?:|\?<[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*>)?(?!\?)/uy;
const COUNT = /\{([0-9]+)(,([0-9]*))?\}/y;
const ESCAPE_U =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|[\s\S])/y;
const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[\s\S])/y;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/y;

/** Reads a source that RegExp has accepted, so that only the extent of each part is to be found. */
class Parser {
  unsupported: string | null = null;
  readonly #source: string;
  readonly #flags: '' | 'u';
  readonly #tests = new Map<string, CharTest>();
  #at = 0;
  #depth = 0;

  constructor(source: string, flags: '' | 'u') {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): Tree {
    const tree = this.#alternatives();
    if (this.#at < this.#source.length) this.unsupported ??= 'an unusual construct';
    return tree;
  }

  #alternatives(): Tree {
    const parts = [this.#sequence()];
    while (this.#source[this.#at] === '|' && this.unsupported === null) {
      this.#at++;
      parts.push(this.#sequence());
    }
    return { kind: 'alt', parts };
  }

  #sequence(): Tree {
    const parts: Tree[] = [];
    for (;;) {
      const next = this.#source[this.#at];
      if (next === undefined || next === '|' || next === ')' || this.unsupported !== null) break;
      parts.push(this.#quantified(this.#term(next)));
    }
    return { kind: 'seq', parts };
  }

  #quantified(part: Tree): Tree {
    const range = this.#quantifier();
    if (range === null) return part;
    if (this.#source[this.#at] === '?') this.#at++; // lazy: of no matter to whether there is a match
    return { kind: 'repeat', part, min: range[0], max: range[1] };
  }

  #quantifier(): readonly [number, number] | null {
    const next = this.#source[this.#at];
    if (next === '*' || next === '+' || next === '?') {
      this.#at++;
      return [next === '+' ? 1 : 0, next === '?' ? 1 : Number.POSITIVE_INFINITY];
    }
    const count = next === '{' ? this.#take(COUNT) : null;
    if (count === null) return null;
    const min = Number(count[1]);
    if (count[2] === undefined) return [min, min];
    return [min, count[3] === '' ? Number.POSITIVE_INFINITY : Number(count[3])];
  }

  #term(next: string): Tree {
    if (next === '(') return this.#group();
    if (next === '^' || next === '$') {
      this.#at++;
      return { kind: 'place', place: next === '^' ? 'start' : 'end' };
    }
    if (next === '\\') return this.#escape();
    if (next === '[') return this.#atom(this.#take(CLASS)?.[0]);
    if (next === '.') return this.#atom(this.#take(/\./y)?.[0]);
    const code = this.#flags === 'u' ? this.#source.codePointAt(this.#at) : this.#source.charCodeAt(this.#at);
    if (code === undefined) return this.#giveUp('an unusual construct');
    this.#at += code > 0xffff ? 2 : 1;
    return { kind: 'char', test: (given) => given === code };
  }

  #group(): Tree {
    const isLook = this.#take(/\(\?([=!])/y);
    if (isLook === null && this.#take(SIMPLE_GROUP) === null) {
      return this.#giveUp(this.#source.startsWith('(?<', this.#at) ? 'lookbehind' : 'inline flags');
    }
    if (++this.#depth > DEEPEST_GROUP) return this.#giveUp('too many nested groups');
    const part = this.#alternatives();
    this.#depth--;
    this.#at++; // the closing parenthesis
    return isLook === null ? part : { kind: 'look', part, wanted: isLook[1] === '=' };
  }

  #escape(): Tree {
    const text = this.#take(this.#flags === 'u' ? ESCAPE_U : ESCAPE)?.[0];
    if (text === '\\b' || text === '\\B')
      return { kind: 'place', place: text === '\\b' ? 'word' : 'no-word' };
    if (text !== undefined && /^\\[1-9k]$/.test(text)) return this.#giveUp('a back reference');
    if (text === '\\0' && /[0-9]/.test(this.#source[this.#at] ?? '')) return this.#giveUp('an octal escape');
    return this.#atom(text);
  }

  /** One character's worth of pattern: RegExp itself says which characters it stands for. */
  #atom(text: string | undefined): Tree {
    if (text === undefined) return this.#giveUp('an unusual construct');
    let test = this.#tests.get(text);
    if (test === undefined) {
      test = charTest(text, this.#flags);
      this.#tests.set(text, test);
    }
    return { kind: 'char', test };
  }

  #take(shape: RegExp): RegExpExecArray | null {
    shape.lastIndex = this.#at;
    const found = shape.exec(this.#source);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #giveUp(what: string): Tree {
    this.unsupported ??= what;
    this.#at = this.#source.length;
    return { kind: 'seq', parts: [] };
  }
}

function charTest(text: string, flags: '' | 'u'): CharTest {
  const one = new RegExp(`^(?:${text})$`, flags);
  const known = new Int8Array(128); // 0 not asked yet, 1 yes, −1 no
  return (code) => {
    if (code >= 128) return one.test(String.fromCodePoint(code));
    if (known[code] === 0) known[code] = one.test(String.fromCharCode(code)) ? 1 : -1;
    return known[code] === 1;
  };
}

type State =
  | { readonly op: 'match' }
  | { readonly op: 'char'; readonly test: CharTest; readonly next: number }
  | { readonly op: 'split'; left: number; right: number }
  | { readonly op: 'place'; readonly place: Place; readonly next: number }
  | { readonly op: 'look'; readonly from: number; readonly wanted: boolean; readonly next: number };

/** A nondeterministic automaton; all states that a text can have reached are followed at once (Thompson 1968). */
class Program {
  start = 0;
  isTooLarge = false;
  readonly #states: State[] = [];
  readonly #isUnicode: boolean;

  constructor(isUnicode: boolean) {
    this.#isUnicode = isUnicode;
  }

  get size(): number {
    return this.#states.length;
  }

  add(state: State): number {
    if (this.#states.length >= LIMITS.patternStates) this.isTooLarge = true;
    else this.#states.push(state);
    return this.#states.length - 1;
  }

  /** Adds the states for a part that is followed by the state `next`; answers where it begins. */
  emit(tree: Tree, next: number): number {
    switch (tree.kind) {
      case 'char':
        return this.add({ op: 'char', test: tree.test, next });
      case 'place':
        return this.add({ op: 'place', place: tree.place, next });
      case 'look':
        return this.add({
          op: 'look',
          from: this.emit(tree.part, this.add({ op: 'match' })),
          wanted: tree.wanted,
          next,
        });
      case 'seq':
        return tree.parts.reduceRight((after, part) => this.emit(part, after), next);
      case 'alt':
        return tree.parts
          .map((part) => this.emit(part, next))
          .reduceRight((right, left) => this.add({ op: 'split', left, right }));
      case 'repeat':
        return this.#emitRepeat(tree.part, tree.min, tree.max, next);
    }
  }

  #emitRepeat(part: Tree, min: number, max: number, next: number): number {
    let first = next;
    if (max === Number.POSITIVE_INFINITY) {
      const loop: State = { op: 'split', left: 0, right: next };
      first = this.add(loop);
      loop.left = this.emit(part, first);
    } else {
      for (let i = min; i < max && !this.isTooLarge; i++) {
        first = this.add({ op: 'split', left: this.emit(part, first), right: next });
      }
    }
    for (let i = 0; i < min && !this.isTooLarge; i++) {
      const before = first;
      first = this.emit(part, before);
      if (first === before) break; // a part without states; repeating it would take for ever and change nothing
    }
    return first;
  }

  /**
   * Whether there is a match that begins at `from`, or, unless `isFixed`, anywhere behind it. `looks` remembers the
   * answers of lookaheads by state and place.
   */
  run(
    text: string,
    work: Work,
    from: number,
    isFixed: boolean,
    looks: Map<string, boolean>,
    start = this.start,
  ): boolean {
    let now: number[] = [];
    let isIn = new Set<number>();
    for (let at = from; ; ) {
      if (!isFixed || at === from) {
        if (this.#reach(start, text, at, now, isIn, work, looks)) return true;
      }
      if (at >= text.length || work.left <= 0 || (isFixed && now.length === 0)) return false;
      const code = (this.#isUnicode ? text.codePointAt(at) : text.charCodeAt(at)) ?? 0;
      const then: number[] = [];
      const isThen = new Set<number>();
      at += code > 0xffff ? 2 : 1;
      for (const index of now) {
        const state = this.#states[index];
        if (state?.op !== 'char' || !state.test(code)) continue;
        if (this.#reach(state.next, text, at, then, isThen, work, looks)) return true;
      }
      work.left -= 1 + now.length;
      now = then;
      isIn = isThen;
    }
  }

  /** Adds a state and what it leads to without a character. True: the end was among them. */
  #reach(
    first: number,
    text: string,
    at: number,
    list: number[],
    isIn: Set<number>,
    work: Work,
    looks: Map<string, boolean>,
  ): boolean {
    const todo = [first];
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      if (isIn.has(index)) continue;
      isIn.add(index);
      if (--work.left <= 0) return false;
      const state = this.#states[index];
      if (state === undefined) continue;
      if (state.op === 'match') return true;
      if (state.op === 'char') list.push(index);
      else if (state.op === 'split') todo.push(state.left, state.right);
      else if (
        state.op === 'place'
          ? isAt(state.place, text, at)
          : this.#looksSo(state, index, text, at, work, looks)
      ) {
        todo.push(state.next);
      }
    }
    return false;
  }

  #looksSo(
    state: { readonly from: number; readonly wanted: boolean },
    index: number,
    text: string,
    at: number,
    work: Work,
    looks: Map<string, boolean>,
  ): boolean {
    const key = `${index} ${at}`;
    let found = looks.get(key);
    if (found === undefined) {
      found = this.run(text, work, at, true, looks, state.from);
      looks.set(key, found);
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
