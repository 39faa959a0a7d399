import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalize } from '../../base/canonical.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalText, parseCanonical } from './canonical.ts';
import { readCanonical, readPrinted } from './read-entry.ts';
import { scanEntry } from './scan.ts';

const keys = fc.oneof(fc.constantFrom('a', 'b', 'ab', 'seq', 'leaf', 'z', '10', '9', '', 'é'), fc.string());
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      1e21,
      2 ** 53,
      999_999_999_999_999,
      'x',
      '"',
      '\\ud800',
    ),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const entries = fc
  .record({ seq: fc.nat(), rest: fc.dictionary(keys, values, { maxKeys: 6 }) })
  .map(({ seq, rest }) => ({ ...rest, seq }) as JsonObject);

/** What RFC 8785 says of a text, by the slow way alone. */
function isCanonical(text: string): boolean {
  try {
    return canonicalText(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

test('what the scan accepts is canonical, whatever was done to the text', () => {
  const edits = fc.array(
    fc.record({
      at: fc.nat(400),
      remove: fc.nat(2),
      put: fc.constantFrom(
        '',
        ',',
        '"',
        '{',
        '}',
        '[',
        ']',
        ':',
        '0',
        '-',
        '1',
        ' ',
        '\\',
        '.',
        'e',
        'null',
        '"a":1,',
      ),
    }),
    { maxLength: 2 },
  );
  let accepted = 0;
  fc.assert(
    fc.property(entries, edits, (entry, changes) => {
      let text = canonicalize(entry);
      for (const { at, remove, put } of changes) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + put + text.slice(place + remove);
      }
      const scanned = scanEntry(text);
      if (scanned === null) return;
      accepted++;
      expect(isCanonical(text)).toBe(true);
      expect((JSON.parse(text) as { seq: number }).seq).toBe(scanned.seq);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(300);
});

test('reading agrees with RFC 8785 on canonical texts and on changed ones', () => {
  fc.assert(
    fc.property(entries, fc.nat(400), fc.constantFrom('', ' ', '0', '"', ','), (entry, at, put) => {
      const text = canonicalize(entry);
      expect(readCanonical(text, true)).toEqual({ seq: entry['seq'], members: JSON.parse(text) });
      const place = at % text.length;
      const changed = text.slice(0, place) + put + text.slice(place + 1);
      expect(readCanonical(changed, false) !== null).toBe(isCanonical(changed));
    }),
    { numRuns: 1000 },
  );
});

test('a printed line is taken apart into its leaf and the text without it', () => {
  const leaf = 'A'.repeat(43).concat('=');
  fc.assert(
    fc.property(entries, (entry) => {
      const { leaf: _, ...rest } = entry;
      const read = readPrinted(canonicalize({ ...rest, leaf } as JsonObject), false);
      expect(read).toMatchObject({ leaf, seq: entry['seq'], text: canonicalize(rest as JsonObject) });
    }),
    { numRuns: 500 },
  );
  for (const bad of [
    '{"seq":0}',
    '{"leaf":"AA","seq":0}',
    `{"leaf":["${'A'.repeat(42)}"],"seq":0}`,
    `{"leaf": "${leaf}","seq":0}`,
    `{"a":{"leaf":"${leaf}"},"seq":0}`,
  ]) {
    expect(readPrinted(bad, false), bad).toBeNull();
  }
});

test.each([
  '{"a":1,"a":1,"seq":0}',
  '{"seq":0,"a":1}',
  '{"a":-0,"seq":0}',
  '{"a":01,"seq":0}',
  '{"a":1.0,"seq":0}',
  '{"a":1e2,"seq":0}',
  '{"a":9007199254740993,"seq":0}',
  '{"a":"\\u0041","seq":0}',
  '{"a":"\\/","seq":0}',
  '{"a":"\\ud800","seq":0}',
  '{"a":"\n","seq":0}',
  '{"a":1,"seq":0} ',
  '{"a":1,"seq":0}{}',
  '{"a":[1,],"seq":0}',
  '{"a":1,}',
  '{"seq":0',
  '[{"seq":0}]',
  '"seq"',
  '',
])('%s is not canonical', (text) => {
  expect(scanEntry(text)).toBeNull();
  expect(parseCanonical(text)).toBeNull();
});
