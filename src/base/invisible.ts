/**
 * Characters that a terminal acts on, reorders or does not show: controls (those beyond ASCII too, which some terminals obey)
 * and formats (bidi, zero-width, tags), line and paragraph separators, surrogates, private and unassigned ones, everything that
 * Unicode calls ignorable when unknown (fillers, variation selectors, joiners), and the blank braille pattern.
 */
export const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** The text with a mark for each of them; `but`: one that stays. */
export function withoutInvisible(text: string, but?: string): string {
  return text.replace(INVISIBLE, (character) => (character === but ? character : '\ufffd'));
}

/** The same document, with each of them written as an escape; `json` is text of JSON, in which they stand in strings alone. */
export function escapeInvisible(json: string): string {
  return json.replace(INVISIBLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
