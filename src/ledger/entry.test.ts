import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalize } from '../base/canonical.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Entry } from '../contract/log-entry.ts';
import { encodeEntry, leafHash, printEntry } from './entry.ts';

const entry: Entry = {
  seq: 17,
  at: '2026-11-20T20:18:19.693Z',
  kind: 'action.decided',
  action: '01JD0000000000000000000000',
  agent: 'wrîter "\u0001\\',
  target: { type: 'Path', id: '/srv/w/a.txt' },
  decision: 'deny',
  rules: ['no-dotfiles'],
};

test('an entry is RFC 8785 and its leaf is SHA-256 of 0x00 and the text', () => {
  const text = encodeEntry(entry);
  expect(text).toBe(canonicalize(entry as Json));
  expect(
    text.startsWith('{"action":"01JD0000000000000000000000","agent":"wrîter \\"\\u0001\\\\","at":'),
  ).toBe(true);
  const expected = createHash('sha256').update(Buffer.of(0)).update(text).digest();
  expect(leafHash(text)).toEqual(expected);
  expect(leafHash(Buffer.from(text))).toEqual(expected);
});

test('an undefined member is left out and a leaf is refused', () => {
  expect(encodeEntry({ ...entry, note: undefined })).toBe(encodeEntry(entry));
  expect(() => encodeEntry({ ...entry, leaf: 'x' })).toThrow(TypeError);
});

test('the printed line is RFC 8785 of the entry with its leaf', () => {
  const text = encodeEntry(entry);
  const leaf = leafHash(text);
  expect(printEntry(text, leaf)).toBe(canonicalize({ ...entry, leaf: leaf.toString('base64') } as Json));
});

const keys = fc.oneof(
  fc.constantFrom(
    'lea',
    'leaf ',
    'leaff',
    'leaf"',
    'le"af',
    'leae\\',
    'm',
    'a',
    'x"leaf',
    'Leaf',
    'é',
    '😀',
    '\n',
  ),
  fc.string({ unit: 'grapheme' }),
);

test('printing puts the leaf in its place whatever the members are', () => {
  const leaf = leafHash('');
  const values = fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }) as fc.Arbitrary<Json>;
  fc.assert(
    fc.property(fc.dictionary(keys, values), (members) => {
      delete members['leaf'];
      let text: string;
      try {
        text = canonicalize(members as JsonObject);
      } catch {
        return; // a lone surrogate: no canonical text
      }
      const expected = canonicalize({ ...members, leaf: leaf.toString('base64') } as JsonObject);
      expect(printEntry(text, leaf)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('text that is cut short is a bug, not an endless loop', () => {
  const text = encodeEntry(entry);
  for (const end of [1, 5, 20, 100]) {
    expect(() => printEntry(text.slice(0, end), leafHash(text))).toThrow(TypeError);
  }
});
