import { describe, expect, it } from 'vitest';
import { lookAlikesIn } from '../../console/src/look/look-alike.ts';

describe('letters that are taken for others', () => {
  it.each([
    ['a Cyrillic a', '\u0430dmin', [0]],
    ['a Greek o in the middle of a name', 'prod.exampl\u03bf.org', [11]],
    ['several, and what stands beside the word', '(\u0420ay\u0440al)', [1, 4]],
    ['one after what JSON writes for a newline', 'x\\n\u0430pple', [3]],
  ])('are found in a Latin word: %s', (_, text, expected) => {
    expect(lookAlikesIn(text)).toEqual(expected);
  });

  it.each([
    ['plain text', 'admin'],
    ['a word of another language', '\u0441\u043e\u0440'],
    ['one after what JSON writes for a tab', '\\t\u0441\u043e\u0440'],
    ['Latin and other words side by side', 'the \u0441\u043e\u0440-file'],
    ['a letter that looks like no Latin one', '\u0394x, 5 \u03bcm, na\u00efve'],
  ])('are none: %s', (_, text) => {
    expect(lookAlikesIn(text)).toEqual([]);
  });
});
