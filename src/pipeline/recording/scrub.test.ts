import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { parseJson, UPSTREAM_BOUNDS } from '../../base/json-text.ts';
import { LIMITS } from '../../base/limits.ts';
import { createScrubber, scrubJson } from './scrub.ts';

const SECRET = 'p@ss/w+rd "42" (é)';
const bytes = Buffer.from(SECRET, 'utf8');

/** How a server or a model might give a secret back, as text. */
const FORMS: Record<string, string> = {
  'as it is': SECRET,
  'in JSON': JSON.stringify({ key: SECRET }),
  'in JSON in JSON': JSON.stringify(JSON.stringify({ key: SECRET })),
  'in JSON with slashes escaped': JSON.stringify(SECRET).replaceAll('/', '\\/'),
  'in JSON that is ASCII only': JSON.stringify(SECRET).replaceAll('é', '\\u00e9'),
  'in a URL, as JavaScript encodes it': encodeURIComponent(SECRET),
  'in a form': new URLSearchParams({ k: SECRET }).toString(),
  'in a URL, strictly': encodeURIComponent(SECRET).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  ),
  'in a URL, in lower case': encodeURIComponent(SECRET).replace(/%../g, (part) => part.toLowerCase()),
  'in a path of a URL': encodeURI(SECRET),
  'in a path, as Python quotes it': encodeURIComponent(SECRET)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/'),
  'in HTML': SECRET.replaceAll('"', '&quot;'),
  'in hex': bytes.toString('hex'),
  'in HEX': bytes.toString('hex').toUpperCase(),
  'in hex of both cases': bytes.toString('hex').replace(/[a-f]/, (digit) => digit.toUpperCase()),
  'in hex with colons': bytes.toString('hex').replace(/..(?=.)/g, '$&:'),
  'in escapes of bytes': [...SECRET].map((c) => `\\x${c.charCodeAt(0).toString(16)}`).join(''),
  'in base64 in lines': bytes.toString('base64').replace(/.{10}/g, '$&\n'),
  'in base64 in lines, in JSON': JSON.stringify(bytes.toString('base64').replace(/.{7}/g, '$&\r\n')),
  'in base64': bytes.toString('base64'),
  'in base64url': bytes.toString('base64url'),
  'in base64 behind one byte': Buffer.from(`x${SECRET}yz`).toString('base64'),
  'in base64 behind two bytes': Buffer.from(`xx${SECRET}`).toString('base64'),
  'in base64 as a basic credential': Buffer.from(`user:${SECRET}`).toString('base64'),
};

describe('P8 a secret that Lanyard knows is scrubbed', () => {
  const scrubber = createScrubber([SECRET]);

  test.each(Object.entries(FORMS))('%s', (_, form) => {
    const clean = scrubber.scrub(`before ${form} after`);
    expect(clean).toContain('[secret]');
    expect(clean).toMatch(/^before .* after$/s);
    for (const again of [clean, Buffer.from(clean, 'base64').toString('latin1')])
      expect(again).not.toContain('w+rd');
  });

  test('every time it stands there, beside others', () => {
    const two = createScrubber([SECRET, 'other-secret', 'other-secret-longer']);
    const text = `${SECRET} other-secret-longer ${SECRET} other-secret`;
    expect(two.scrub(text)).toBe('[secret] [secret] [secret] [secret]');
  });

  test('and text without one stays the very same', () => {
    const text = 'p@ss/word and nothing else';
    expect(scrubber.scrub(text)).toBe(text);
    expect(createScrubber([]).scrub(text)).toBe(text);
  });

  test('with characters that mean something in a pattern', () => {
    for (const secret of ['a.*b+c?d', '(((((((', '[^-]{1,2}|$', '\\d\\d\\d\\d']) {
      expect(createScrubber([secret]).scrub(`x${secret}y`)).toBe('x[secret]y');
      expect(createScrubber([secret]).scrub('a-xb+cd 1234')).toBe('a-xb+cd 1234');
    }
  });

  test('one that a file ends with a newline, with and without it', () => {
    const scrub = createScrubber(['s3cr3t-value\n']);
    expect(scrub.scrub('s3cr3t-value')).toBe('[secret]');
  });

  test('one that holds what replaces it ends', () => {
    expect(createScrubber(['[secret]']).scrub('a [secret] b')).toBe('a [secret] b');
  });
});

describe('P8 a JSON value is scrubbed', () => {
  const scrubber = createScrubber(['1234567890', 'hush-hush']);

  test('in strings, keys and numbers, at any depth, and keeps its form', () => {
    const value: JsonObject = {
      'hush-hush': 1,
      list: ['a hush-hush b', { deep: 1234567890, other: 12345678 }],
      yes: true,
      nothing: null,
    };
    expect(scrubJson(scrubber, value)).toEqual({
      '[secret]': 1,
      list: ['a [secret] b', { deep: '[secret]', other: 12345678 }],
      yes: true,
      nothing: null,
    });
  });

  test('in a number that no double holds, and one that is none stays as it was', () => {
    const scrubber = createScrubber(['12345678901234567890']);
    const text = '{"a":12345678901234567890,"b":98765432109876543210}';
    const read = parseJson(Buffer.from(text), UPSTREAM_BOUNDS);
    expect(read.ok && JSON.stringify(scrubJson(scrubber, read.value))).toBe(
      '{"a":"[secret]","b":98765432109876543210}',
    );
  });

  test('without losing a key named __proto__', () => {
    const value = JSON.parse('{"__proto__":{"x":"hush-hush"}}') as JsonObject;
    expect(JSON.stringify(scrubJson(scrubber, value))).toBe('{"__proto__":{"x":"[secret]"}}');
  });
});

test('a secret as long as a key file is found, and others beside it', () => {
  const long = Array.from({ length: 60 }, (_, i) => `${i}${'Ab0/+'.repeat(13)}`).join('\n');
  const scrubber = createScrubber([long, 'a short one']);
  expect(scrubber.scrub(`x ${JSON.stringify({ long })} a short one`)).toMatch(
    /^x \{"long":"(\[secret\])+"\} \[secret\]$/,
  );
});

test('a secret as long as one may be is found in every form, and what is not all of it is no ordinary word', () => {
  const long = randomBytes((LIMITS.secretLength * 3) / 4).toString('base64');
  const scrubber = createScrubber([long]);
  const forms = [
    long,
    encodeURIComponent(long),
    Buffer.from(long).toString('hex'),
    Buffer.from(long).toString('base64'),
    `${'\u00e9'}${long}`,
  ];
  for (const form of forms) {
    const clean = scrubber.scrub(`x ${form} y`);
    expect(clean).toMatch(/^x .?(\[secret\])+.{0,4} y$/);
  }
  expect(scrubber.scrub(long.slice(1, 200))).toBe(long.slice(1, 200));
});
