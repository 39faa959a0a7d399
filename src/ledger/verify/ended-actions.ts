import { CROCKFORD } from '../../base/crockford.ts';

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** Five words of at most six digits (30 bits) hold the 26 of a ULID; the last is kept plus one, so that 0 is an empty place. */
const WORDS = 5;
const DIGITS = 6;
const FIRST_PLACES = 1024;
const DIGIT_OF = new Uint8Array(128);
for (const [value, letter] of [...CROCKFORD].entries()) DIGIT_OF[letter.charCodeAt(0)] = value;

/**
 * The ids of actions that have ended, exactly, in 27 to 53 bytes each: a log has more of them than a Set of strings holds
 * (2^24) or memory should. An id that is no ULID, of which an instance writes none, costs a string.
 */
export class EndedActions {
  #places = new Uint32Array(FIRST_PLACES * WORDS);
  #count = 0;
  readonly #strange = new Set<string>();
  readonly #words = new Uint32Array(WORDS);

  add(id: string): void {
    if (!ULID.test(id)) {
      this.#strange.add(id);
      return;
    }
    if ((this.#count + 1) * WORDS > this.#places.length * 0.75) this.#grow();
    this.#read(id);
    const at = this.#placeOf(this.#words);
    if (this.#places[at + WORDS - 1] === 0) this.#count++;
    this.#places.set(this.#words, at);
  }

  has(id: string): boolean {
    if (!ULID.test(id)) return this.#strange.has(id);
    this.#read(id);
    return this.#places[this.#placeOf(this.#words) + WORDS - 1] !== 0;
  }

  #read(id: string): void {
    for (let word = 0; word < WORDS; word++) {
      let value = 0;
      const end = Math.min(id.length, (word + 1) * DIGITS);
      for (let i = word * DIGITS; i < end; i++) value = value * 32 + (DIGIT_OF[id.charCodeAt(i)] ?? 0);
      this.#words[word] = word === WORDS - 1 ? value + 1 : value;
    }
  }

  /** Where it stands, or would: the first place from its own on that is empty or its own. */
  #placeOf(words: Uint32Array): number {
    let mixed = 0;
    for (const word of words) mixed = Math.imul(mixed ^ word ^ (mixed >>> 15), 0x9e3779b1);
    const places = this.#places;
    let at = (((mixed ^ (mixed >>> 16)) >>> 0) % (places.length / WORDS)) * WORDS;
    while (places[at + WORDS - 1] !== 0 && !words.every((word, i) => places[at + i] === word))
      at = (at + WORDS) % places.length;
    return at;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      const words = before.subarray(at, at + WORDS);
      if (words[WORDS - 1] !== 0) this.#places.set(words, this.#placeOf(words));
    }
  }
}
