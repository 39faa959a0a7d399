import { INVISIBLE } from '../base/invisible.ts';

/** What is not seen as it is, and spaces that look like another. */
const UNSEEN = new RegExp(String.raw`${INVISIBLE.source}|(?! )\p{Zs}`, 'gu');

/** The text with every such character written as `\u{…}`; nothing in it can move a cursor or hide. */
export function makeVisible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A stretch of a text that is seen as it is, or one character that is not, written out. */
interface VisiblePart {
  readonly text: string;
  readonly unseen: boolean;
}

/** The same, for a reader that marks what was written out. `lines`: newlines and tabs stay. */
export function partsOf(text: string, lines: boolean): VisiblePart[] {
  const parts: VisiblePart[] = [];
  let from = 0;
  for (const found of text.matchAll(UNSEEN)) {
    if (lines && (found[0] === '\n' || found[0] === '\t')) continue;
    if (found.index > from) parts.push({ text: text.slice(from, found.index), unseen: false });
    parts.push({ text: makeVisible(found[0]), unseen: true });
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), unseen: false });
  return parts;
}
