/** Letters of other alphabets that nobody tells from a Latin one, by their codes. */
const CYRILLIC =
  '\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u04cf\u0410' +
  '\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405';
const GREEK =
  '\u03bf\u03bd\u03b1\u03b9\u03c1\u03c5\u03ba\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d' +
  '\u039f\u03a1\u03a4\u03a5\u03a7';
const ARMENIAN = '\u0585\u057d';
const LOOK_ALIKES = new Set(CYRILLIC + GREEK + ARMENIAN);

/** A word, or what JSON writes for a character: that is no part of the word after it. */
const WORD_OR_ESCAPE = /\\[a-z"\\/]|[\p{L}\p{M}\p{N}]+/gu;
const LATIN = /\p{Script=Latin}/u;

/**
 * Where in a text a letter stands in a Latin word that only looks like a Latin letter, so that the word is another than it is
 * read as. Not found is a word that is written in such letters alone: that may be one of its own language.
 */
export function lookAlikesIn(text: string): readonly number[] {
  // Nearly every text has none of other alphabets at all.
  if (!/[\u0370-\u058f]/.test(text)) return [];
  const found: number[] = [];
  for (const { 0: word, index } of text.matchAll(WORD_OR_ESCAPE)) {
    if (word.startsWith('\\') || !LATIN.test(word)) continue;
    for (let at = 0; at < word.length; at++) if (LOOK_ALIKES.has(word.charAt(at))) found.push(index + at);
  }
  return found;
}
