import { type Problem, problem } from './errors.ts';
import { type Json, setKey } from './json.ts';
import { err, ok, type Result } from './result.ts';
import { wideNumber } from './wide-number.ts';

/** How much one JSON text may hold. Lengths are in UTF-16 code units, after unescaping. */
export interface JsonBounds {
  readonly bytes: number;
  /** Nesting of arrays and objects. */
  readonly depth: number;
  /** Members and elements at all depths, and the value itself. */
  readonly values: number;
  readonly stringLength: number;
  readonly keyLength: number;
  /** What no double holds is read as a wide number (wide-number.ts), and not refused. */
  readonly keepsWide?: true;
}

/**
 * The strict reader behind parseJson (json-text.ts): judges every character by itself and names the place of what it
 * refuses, counted in UTF-16 code units from 0. `bounds.bytes` is not looked at here.
 *
 * Numbers: refused are those that a double turns into another number that matters: not finite, an integer beyond
 * ±2^53 however it is written (at exactly 2^53 only the plain digits, since others round to it), and what is not zero
 * but becomes zero (`bounds.keepsWide`: these stay as they are written). Fractions are held as closely as a double does (RFC 8259 §6), and that is what is sent on.
 */
export function readJson(text: string, bounds: JsonBounds): Result<Json, Problem> {
  const reader = new Reader(text, bounds);
  const value = reader.readText();
  if (value !== undefined) return ok(value);
  return err(reader.refusal ?? problem('BAD_JSON', { what: 'no value', at: 0 }));
}

const MAX_EXACT = 2 ** 53;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Every read method answers undefined once `refusal` is set. */
class Reader {
  readonly #text: string;
  readonly #bounds: JsonBounds;
  #at = 0;
  #depth = 0;
  #values = 0;
  refusal: Problem | null = null;

  constructor(text: string, bounds: JsonBounds) {
    this.#text = text;
    this.#bounds = bounds;
  }

  readText(): Json | undefined {
    this.#skipSpace();
    const value = this.#readValue();
    if (value === undefined) return undefined;
    this.#skipSpace();
    return this.#at === this.#text.length ? value : this.#refuse('text after the end of the value');
  }

  #readValue(): Json | undefined {
    if (++this.#values > this.#bounds.values) {
      return this.#stop(problem('TOO_MANY_VALUES', { limit: this.#bounds.values }));
    }
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x22: // "
        return this.#readString(this.#bounds.stringLength);
      case 0x7b: // {
        return this.#readObject();
      case 0x5b: // [
        return this.#readArray();
      case 0x74: // t
        return this.#readWord('true', true);
      case 0x66: // f
        return this.#readWord('false', false);
      case 0x6e: // n
        return this.#readWord('null', null);
      default:
        return this.#readNumber();
    }
  }

  #readObject(): Json | undefined {
    if (!this.#enter()) return undefined;
    const object: Record<string, Json> = {};
    if (this.#skipTo(0x7d)) return this.#leave(object);
    for (;;) {
      const keyAt = this.#at;
      if (this.#text.charCodeAt(keyAt) !== 0x22) return this.#refuseNext('a key in double quotes');
      const key = this.#readString(this.#bounds.keyLength);
      if (key === undefined) return undefined;
      if (Object.hasOwn(object, key)) return this.#stop(problem('DUPLICATE_KEY', { key, at: keyAt }));
      if (!this.#skipTo(0x3a)) return this.#refuseNext('a colon');
      this.#skipSpace();
      const value = this.#readValue();
      if (value === undefined) return undefined;
      setKey(object, key, value);
      if (this.#skipTo(0x7d)) return this.#leave(object);
      if (!this.#skipTo(0x2c)) return this.#refuseNext('a comma or }');
      this.#skipSpace();
    }
  }

  #readArray(): Json | undefined {
    if (!this.#enter()) return undefined;
    const items: Json[] = [];
    if (this.#skipTo(0x5d)) return this.#leave(items);
    for (;;) {
      const value = this.#readValue();
      if (value === undefined) return undefined;
      items.push(value);
      if (this.#skipTo(0x5d)) return this.#leave(items);
      if (!this.#skipTo(0x2c)) return this.#refuseNext('a comma or ]');
      this.#skipSpace();
    }
  }

  #enter(): boolean {
    if (++this.#depth > this.#bounds.depth) {
      this.#stop(problem('TOO_DEEP', { limit: this.#bounds.depth }));
      return false;
    }
    this.#at++;
    this.#skipSpace();
    return true;
  }

  #leave(value: Json): Json {
    this.#depth--;
    return value;
  }

  /** Skips white space and then the given character, if it comes next. */
  #skipTo(code: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #readWord<T extends Json>(word: string, value: T): T | undefined {
    if (!this.#text.startsWith(word, this.#at)) return this.#refuseNext('a value');
    this.#at += word.length;
    return value;
  }

  #readString(longest: number): string | undefined {
    const text = this.#text;
    const openedAt = this.#at;
    let from = openedAt + 1;
    let value = '';
    for (let i = from; ; i++) {
      const code = text.charCodeAt(i);
      if (code === 0x22) {
        value = from === openedAt + 1 ? text.slice(from, i) : value + text.slice(from, i);
        this.#at = i + 1;
        if (value.length <= longest) return value;
        return this.#stop(problem('STRING_TOO_LONG', { limit: longest, at: openedAt }));
      }
      if (code === 0x5c) {
        this.#at = i;
        const unescaped = this.#readEscape();
        if (unescaped === undefined) return undefined;
        value += text.slice(from, i) + unescaped;
        from = this.#at;
        i = from - 1;
      } else if (!(code >= 0x20)) {
        this.#at = i;
        return this.#refuse(i < text.length ? 'a control character in a string' : 'a string without an end');
      } else if (code >= 0xd800 && code <= 0xdfff) {
        // Text decoded from UTF-8 holds pairs only; text of another origin may not.
        if (!isPair(code, text.charCodeAt(i + 1))) return this.#stop(problem('LONE_SURROGATE', { at: i }));
        i++;
      }
    }
  }

  #readEscape(): string | undefined {
    const letter = this.#text.charAt(this.#at + 1);
    if (letter !== 'u') {
      const short = Object.hasOwn(SHORT_ESCAPES, letter) ? SHORT_ESCAPES[letter] : undefined;
      if (short === undefined) return this.#refuse('an escape that JSON does not have');
      this.#at += 2;
      return short;
    }
    const at = this.#at;
    const code = this.#readHex(at + 2);
    if (code < 0) return this.#refuse('a \\u without four hexadecimal digits');
    this.#at = at + 6;
    if (code < 0xd800 || code > 0xdfff) return String.fromCharCode(code);
    const low = this.#text.startsWith('\\u', at + 6) ? this.#readHex(at + 8) : -1;
    if (!isPair(code, low)) return this.#stop(problem('LONE_SURROGATE', { at }));
    this.#at = at + 12;
    return String.fromCharCode(code, low);
  }

  /** Four hexadecimal digits as a number; −1 where they are not there. */
  #readHex(at: number): number {
    const digits = this.#text.slice(at, at + 4);
    return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  }

  #readNumber(): Json | undefined {
    const at = this.#at;
    NUMBER.lastIndex = at;
    const token = NUMBER.exec(this.#text)?.[0];
    if (token === undefined) return this.#refuseNext('a value');
    this.#at = at + token.length;
    const value = Number(token);
    const size = Math.abs(value);
    const isExact = size < MAX_EXACT && (value !== 0 || /^[-0.]*(?:[eE]|$)/.test(token));
    if (isExact) return value === 0 ? 0 : value;
    if (size === MAX_EXACT && /^-?9007199254740992$/.test(token)) return value;
    if (this.#bounds.keepsWide === true) return wideNumber(token);
    const what = token.length > 40 ? `${token.slice(0, 40)}…` : token;
    return this.#stop(problem('NUMBER_OUT_OF_RANGE', { what, at }));
  }

  #refuseNext(wanted: string): undefined {
    const found = this.#text.codePointAt(this.#at);
    if (found === undefined) return this.#refuse('it ends too early');
    return this.#refuse(`${JSON.stringify(String.fromCodePoint(found))} where ${wanted} should stand`);
  }

  #refuse(what: string): undefined {
    return this.#stop(problem('BAD_JSON', { what, at: this.#at }));
  }

  #stop(refusal: Problem): undefined {
    this.refusal ??= refusal;
    return undefined;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
