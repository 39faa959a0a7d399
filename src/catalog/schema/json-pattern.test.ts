import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from './json-pattern.ts';

const EMAIL =
  "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$";
const DATE =
  '^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))$';

function matches(source: string, text: string): boolean | string {
  const pattern = compilePattern(source);
  return pattern.ok ? pattern.value.test(text, { left: 1e7 }) : pattern.error;
}

function native(source: string, text: string): boolean {
  try {
    return new RegExp(source, 'u').test(text);
  } catch {
    return new RegExp(source).test(text);
  }
}

describe('what patterns mean', () => {
  const sources = [
    ...[
      EMAIL,
      DATE,
      '',
      'a',
      '^a$',
      '^$',
      'a|b',
      '^(a|b)+$',
      '^(?:a|bc)*d?$',
      'a.c',
      '^.$',
      '[^a-c]',
      '[\\]a-]',
      '[]',
      '[^]',
    ],
    ...[
      '\\d{2,3}',
      '^\\d{3}$',
      'x{2,}',
      '\\bfoo\\b',
      '\\Boo',
      '^[\\w.-]+$',
      '\\u0061',
      '\\u{1f600}',
      '\\ud83d\\ude00',
      '\\p{Lu}',
    ],
    ...[
      '(?<year>\\d{4})-',
      'a{,3}',
      '{',
      '\\-',
      '[\\w-.]',
      '^(a*)*$',
      '^(a|a)*b',
      '(?=a)b',
      '(?=ab)a',
      '(?!a)\\w',
      '^(?!.*b)a',
    ],
    ...[
      'a??b',
      'a+?',
      '(|a)+b',
      '()*',
      '\\cJ',
      '\\0',
      '\\x41',
      '\\/',
      '^\\s*$',
      '\\S',
      '[\\b]',
      '^(?:x{2}){3}$',
      '$a',
      'a^',
    ],
  ];
  const texts = [
    ...[
      '',
      'a',
      'b',
      'ab',
      'abc',
      'aab',
      'aaab',
      'bcd',
      'd',
      'foo',
      'a foo b',
      'foobar',
      'A',
      '😀',
      'é',
      '12',
      '123',
      '1234-',
    ],
    ...[
      'a@b.co',
      '.a@b.co',
      'a..b@b.co',
      'a@b',
      "o'x+y@sub.example.org",
      '2024-02-29',
      '2023-02-29',
      '2023-12-31',
      '\n',
      ' \t',
      '\b',
    ],
    ...['xx', 'xxxxxx', 'a-b.c', '-', '/', '\u0000', '{', 'a{,3}', 'aaaaaaaaaa!', ']', '_'],
  ];
  test.each(sources)('%s as RegExp has it', (source) => {
    for (const text of texts) expect([text, matches(source, text)]).toEqual([text, native(source, text)]);
  });

  test('patterns put together at random', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '\\d',
      '\\b',
      '^',
      '$',
      '[ab]',
      '[^a]',
      '😀',
      '(?:a|b)',
      '(?=a)',
      '(?!b)',
    );
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?');
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc
          .array(
            fc.tuple(piece, quantifier).map(([p, q]) => (/^(?:\\b|[$^]|\(\?[=!])/.test(p) ? p : p + q)),
            { maxLength: 4 },
          )
          .map((x) => x.join('')),
        fc.tuple(tie('tree'), tie('tree'), quantifier).map(([x, y, q]) => `(${x}|${y})${q}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '😀'), maxLength: 6 });
    fc.assert(
      fc.property(tree, text, (source, given) => {
        expect(matches(source, given)).toBe(native(source, given));
      }),
      { numRuns: 5000 },
    );
  });
});

test.each([
  ['(', 'a pattern that is no regular expression'],
  ['(?<=a)b', 'a pattern with lookbehind'],
  ['(?<!a)b', 'a pattern with lookbehind'],
  ['(a)\\1', 'a pattern with a back reference'],
  ['(?<x>a)\\k<x>', 'a pattern with a back reference'],
  ['(?i:a)', 'a pattern with inline flags'],
  ['a{30000}', 'a pattern that is too large'],
  ['(((a{100}){100}){100}){100}', 'a pattern that is too large'],
  [`${'('.repeat(100)}${')'.repeat(100)}`, 'a pattern with too many nested groups'],
  ['a'.repeat(5000), 'a pattern longer than 4096'],
])('%.40s: %s', (source, expected) => {
  expect(matches(source, '')).toBe(expected);
});

test.each(['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(.*)*x', 'a*a*a*a*a*b', '(?=(a+)+$)x', '(x+x+)+y'])(
  'no text makes %s hang: the work is proportional, and bounded',
  (source) => {
    const pattern = compilePattern(source);
    if (!pattern.ok) throw new Error(pattern.error);
    const work = { left: 5_000_000 };
    const text = `${'a'.repeat(50_000)}!`;
    expect(pattern.value.test(text, work)).toBe(false);
    expect(work.left).toBeGreaterThanOrEqual(-1000);
  },
);
