/** Whether a code unit (with the flag `u` a code point) is one of those meant. */
export type CharTest = (code: number) => boolean;
export type Place = 'start' | 'end' | 'word' | 'no-word';
/** What a pattern says, part by part. */
export type PatternTree =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'seq' | 'alt'; readonly parts: readonly PatternTree[] }
  | { readonly kind: 'repeat'; readonly part: PatternTree; readonly min: number; readonly max: number }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'look'; readonly part: PatternTree; readonly wanted: boolean };

/** Whether every match begins at the start of the text, so that no other place need be tried. */
export function beginsAtStart(tree: PatternTree): boolean {
  if (tree.kind === 'place') return tree.place === 'start';
  if (tree.kind === 'alt') return tree.parts.every(beginsAtStart);
  return tree.kind === 'seq' && tree.parts[0] !== undefined && beginsAtStart(tree.parts[0]);
}

/** How deep groups may be nested, since each level is a level of our own stack. */
const DEEPEST_GROUP = 64;
const SIMPLE_GROUP = /\((?:\?:|\?<[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*>)?(?!\?)/uy;
const COUNT = /\{([0-9]+)(,([0-9]*))?\}/y;
const ESCAPE_U =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|[\s\S])/y;
const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[\s\S])/y;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/y;

/** Reads a source that RegExp has accepted, so that only the extent of each part is to be found. */
export class PatternParser {
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

  parse(): PatternTree {
    const tree = this.#alternatives();
    if (this.#at < this.#source.length) this.unsupported ??= 'an unusual construct';
    return tree;
  }

  #alternatives(): PatternTree {
    const parts = [this.#sequence()];
    while (this.#source[this.#at] === '|' && this.unsupported === null) {
      this.#at++;
      parts.push(this.#sequence());
    }
    return { kind: 'alt', parts };
  }

  #sequence(): PatternTree {
    const parts: PatternTree[] = [];
    for (;;) {
      const next = this.#source[this.#at];
      if (next === undefined || next === '|' || next === ')' || this.unsupported !== null) break;
      parts.push(this.#quantified(this.#term(next)));
    }
    return { kind: 'seq', parts };
  }

  #quantified(part: PatternTree): PatternTree {
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

  #term(next: string): PatternTree {
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

  #group(): PatternTree {
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

  #escape(): PatternTree {
    const text = this.#take(this.#flags === 'u' ? ESCAPE_U : ESCAPE)?.[0];
    if (text === '\\b' || text === '\\B')
      return { kind: 'place', place: text === '\\b' ? 'word' : 'no-word' };
    if (text !== undefined && /^\\[1-9k]$/.test(text)) return this.#giveUp('a back reference');
    if (text === '\\0' && /[0-9]/.test(this.#source[this.#at] ?? '')) return this.#giveUp('an octal escape');
    return this.#atom(text);
  }

  /** One character's worth of pattern: RegExp itself says which characters it stands for. */
  #atom(text: string | undefined): PatternTree {
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

  #giveUp(what: string): PatternTree {
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
