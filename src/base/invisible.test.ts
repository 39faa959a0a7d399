import { describe, expect, test } from 'vitest';
import { escapeInvisible, withoutInvisible } from './invisible.ts';

/** One of each kind: C0, DEL, C1 (CSI), bidi, zero-width, tag, separators, fillers, variation selectors, braille blank. */
const UNSEEN = [
  ...['\u001b', '\u007f', '\u009b', '\u202e', '\u2066', '\u200b', '\ufeff', '\u{e0041}', '\u2028', '\u00ad'],
  ...['\u115f', '\u3164', '\uffa0', '\u17b4', '\u034f', '\ufe0f', '\u{e0100}', '\u2800', '\ue000', '\ud800'],
];

describe('what a terminal obeys or does not show', () => {
  test.each(UNSEEN.map((one) => [one]))('%j is marked, and escaped in JSON', (character) => {
    expect(withoutInvisible(`a${character}b`)).toBe('a\ufffdb');
    const escaped = escapeInvisible(JSON.stringify({ [character]: `a${character}b` }));
    expect(escaped).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(escaped)).toEqual({ [character]: `a${character}b` });
  });

  test('text of any script is left as it is', () => {
    const text = 'Zo\u00eb \u65e5\u672c\u8a9e \u0627\u0644\u0639 \u{1f600} \u0915\u094d\u0937';
    expect(withoutInvisible(text)).toBe(text);
    expect(escapeInvisible(text)).toBe(text);
    expect(withoutInvisible('a\tb', '\t')).toBe('a\tb');
  });
});
