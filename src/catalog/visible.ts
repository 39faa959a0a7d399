/**
 * Characters that a terminal acts on, reorders or does not show: controls and formats (bidi, zero-width, tags), line
 * and paragraph separators, surrogates, private and unassigned ones, everything that Unicode calls ignorable when
 * unknown (fillers, variation selectors, joiners), spaces that look like another, and the blank braille pattern.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** The text with every such character written as `\u{…}`; nothing in it can move a cursor or hide. */
export function makeVisible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
