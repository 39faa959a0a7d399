import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize } from './canonical.ts';
import type { Json } from './json.ts';
import { readJson } from './json-reader.ts';
import { type JsonBounds, parseJson, REQUEST_BOUNDS } from './json-text.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const SMALL: JsonBounds = { bytes: 200, depth: 3, values: 6, stringLength: 8, keyLength: 4 };

function code(input: string | Uint8Array, bounds?: JsonBounds): string {
  const read = parseJson(typeof input === 'string' ? bytes(input) : input, bounds);
  return read.ok ? 'ok' : read.error.code;
}

function sentence(input: string | Uint8Array, bounds?: JsonBounds): string {
  const read = parseJson(typeof input === 'string' ? bytes(input) : input, bounds);
  return read.ok ? 'ok' : read.error.sentence;
}

function value(text: string): Json {
  const read = parseJson(bytes(text));
  if (!read.ok) throw new Error(read.error.sentence);
  return read.value;
}

describe('what is refused, and where', () => {
  test.each([
    ['{"a":1,"a":2}', 'The key "a" stands twice in one object (at character 7).'],
    ['{"a":{"b":1,"\\u0062":2}}', 'The key "b" stands twice in one object (at character 12).'],
    ['{"__proto__":1,"__proto__":2}', 'The key "__proto__" stands twice in one object (at character 15).'],
    ['["\\ud800"]', 'A string holds half of a surrogate pair (at character 2).'],
    ['["\\udc00"]', 'A string holds half of a surrogate pair (at character 2).'],
    ['["\\ud83dx\\ude00"]', 'A string holds half of a surrogate pair (at character 2).'],
    ['["\\ud83d\\ud83d\\ude00"]', 'A string holds half of a surrogate pair (at character 2).'],
    ['{"\\udfff":1}', 'A string holds half of a surrogate pair (at character 2).'],
    ['[9007199254740993]', 'The number 9007199254740993 cannot be held exactly (at character 1)'],
    ['{} {}', 'The message is not valid JSON: text after the end of the value at character 3.'],
    ['\ufeff{}', 'The message is not valid JSON: a byte order mark at character 0.'],
    ['["a\nb"]', 'The message is not valid JSON: a control character in a string at character 3.'],
    ['["a\u0000b"]', 'The message is not valid JSON: a control character in a string at character 3.'],
    ['["\\x41"]', 'The message is not valid JSON: an escape that JSON does not have at character 2.'],
    ['["\\u00g0"]', 'The message is not valid JSON: a \\u without four hexadecimal digits at character 2.'],
    ['["abc', 'The message is not valid JSON: a string without an end at character 5.'],
    ['[1,]', 'The message is not valid JSON: "]" where a value should stand at character 3.'],
    ['{"a" 1}', 'The message is not valid JSON: "1" where a colon should stand at character 5.'],
    [
      "{'a':1}",
      'The message is not valid JSON: "\'" where a key in double quotes should stand at character 1.',
    ],
    ['', 'The message is not valid JSON: it ends too early at character 0.'],
    ['[1', 'The message is not valid JSON: it ends too early at character 2.'],
    ['nul', 'The message is not valid JSON: "n" where a value should stand at character 0.'],
    ['[01]', 'The message is not valid JSON: "1" where a comma or ] should stand at character 2.'],
  ])('%j', (text, expected) => {
    expect(sentence(text)).toContain(expected);
  });

  test.each([
    ['[1] // no', 'BAD_JSON'],
    ['[+1]', 'BAD_JSON'],
    ['[.5]', 'BAD_JSON'],
    ['[1.]', 'BAD_JSON'],
    ['[1e]', 'BAD_JSON'],
    ['[NaN]', 'BAD_JSON'],
    ['[Infinity]', 'BAD_JSON'],
    ['[undefined]', 'BAD_JSON'],
    ['\u00a0[]', 'BAD_JSON'],
    ['[]\u2028', 'BAD_JSON'],
    ['{"a":1,}', 'BAD_JSON'],
    ['[[]', 'BAD_JSON'],
    [']', 'BAD_JSON'],
    ['"\\', 'BAD_JSON'],
  ])('%j is no JSON', (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test.each([
    ['9007199254740992', 'ok'],
    ['-9007199254740992', 'ok'],
    ['9007199254740993', 'NUMBER_OUT_OF_RANGE'],
    ['9007199254740992.5', 'NUMBER_OUT_OF_RANGE'],
    ['9007199254740994', 'NUMBER_OUT_OF_RANGE'],
    ['1e15', 'ok'],
    ['1e16', 'NUMBER_OUT_OF_RANGE'],
    ['1e400', 'NUMBER_OUT_OF_RANGE'],
    ['-1e400', 'NUMBER_OUT_OF_RANGE'],
    ['1e-400', 'NUMBER_OUT_OF_RANGE'],
    [`0.${'0'.repeat(400)}1`, 'NUMBER_OUT_OF_RANGE'],
    ['0e5', 'ok'],
    ['0.000', 'ok'],
    ['12345678901234567890', 'NUMBER_OUT_OF_RANGE'],
  ])('the number %s: %s', (token, expected) => {
    expect(code(token)).toBe(expected);
    expect(code(`{"n":[${token}]}`)).toBe(expected);
  });

  test.each([
    [[0x22, 0xff, 0x22], 1],
    [[0x22, 0x61, 0xc0, 0xaf, 0x22], 2],
    [[0x22, 0xed, 0xa0, 0x80, 0x22], 1],
    [[0x22, 0xc3, 0xa4, 0xe2, 0x82], 3],
    [[0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1],
  ])('bytes %j are no UTF-8 at %i', (raw, at) => {
    expect(sentence(Uint8Array.from(raw))).toBe(`The message is not valid UTF-8 (at byte ${at}).`);
  });

  test.each([
    ['[[[[]]]]', 'TOO_DEEP'],
    ['[[[]]]', 'ok'],
    ['[1,2,3,4,5]', 'ok'],
    ['[1,2,3,4,5,6]', 'TOO_MANY_VALUES'],
    ['[[],[],[],[],[]]', 'ok'],
    ['"12345678"', 'ok'],
    ['"123456789"', 'STRING_TOO_LONG'],
    ['"\\u00e4234567\\ud83d\\ude00"', 'STRING_TOO_LONG'],
    ['{"abcd":1}', 'ok'],
    ['{"abcde":1}', 'STRING_TOO_LONG'],
    [' '.repeat(201), 'BODY_TOO_LARGE'],
  ])('within small bounds %j: %s', (text, expected) => {
    expect(code(text, SMALL)).toBe(expected);
  });

  test('a megabyte of open brackets costs no stack', () => {
    expect(code('['.repeat(1_000_000))).toBe('TOO_DEEP');
    expect(code('{"a":'.repeat(500_000))).toBe('TOO_DEEP');
  });

  test('a key is shown without line breaks and not at full length', () => {
    const key = `x\\n${'y'.repeat(500)}`;
    const text = sentence(`{"${key}":1,"${key}":2}`);
    expect(text).not.toContain('\n');
    expect(text.length).toBeLessThan(400);
  });
});

describe('what is accepted', () => {
  test('__proto__ is a key like any other and pollutes nothing', () => {
    const read = value('{"__proto__":{"polluted":true},"constructor":1}') as Record<string, Json>;
    expect(Object.keys(read)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(({} as Record<string, Json>)['polluted']).toBeUndefined();
    const strict = readJson('{"__proto__":{"polluted":true}}', REQUEST_BOUNDS);
    expect(strict.ok && Object.getPrototypeOf(strict.value)).toBe(Object.prototype);
  });

  test('minus zero is read as zero', () => {
    expect(Object.is(value('-0'), 0)).toBe(true);
    expect(value('[-0.0,-0e1]')).toEqual([0, 0]);
  });

  test('escapes, pairs and white space', () => {
    expect(value(' \t\r\n{ "\\u0061" : "\\ud83d\\ude00\\"\\\\\\/\\b\\f\\n\\r\\t" } ')).toEqual({
      a: '😀"\\/\b\f\n\r\t',
    });
    expect(value('"\u007f\u2028"')).toBe('\u007f\u2028');
  });

  test('a view into a larger buffer is read as that view', () => {
    const whole = new Uint8Array(Buffer.from('xx{"a":1}yy'));
    expect(parseJson(whole.subarray(2, 9))).toEqual({ ok: true, value: { a: 1 } });
  });
});

describe('as properties', () => {
  const same = (text: string) => {
    const quick = parseJson(bytes(text));
    expect(quick).toEqual(readJson(text, REQUEST_BOUNDS));
    if (quick.ok) expect(quick.value).toEqual(withoutMinusZero(JSON.parse(text)));
    return quick;
  };

  test('any bytes: an answer, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
        expect(typeof parseJson(raw).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  test('text made of the pieces of JSON: quick and strict way agree, and with JSON.parse on what is accepted', () => {
    const piece = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ':',
        ',',
        '"',
        '\\',
        '"a"',
        '"a":',
        '"\\u0061"',
        '1',
        '0',
        '-',
        '.5',
        'e3',
        'E-400',
      ],
      ...[
        'true',
        'false',
        'null',
        ' ',
        '"\\ud800"',
        '"\\udc00"',
        '\\u',
        '"__proto__"',
        '9007199254740993',
        'ä',
        '😀',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        same(pieces.join(''));
      }),
      { numRuns: 10_000 },
    );
  });

  test('objects with few keys, written out so that keys can repeat', () => {
    const member = fc.tuple(
      fc.constantFrom('"a"', '"\\u0061"', '"b"', '"1"', '"__proto__"'),
      fc.constantFrom('0', '1.5', '-0', '"x"'),
    );
    const { node } = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('1', '"s"', 'null'),
        fc
          .array(member, { maxLength: 4 })
          .map((members) => `{${members.map(([k, v]) => `${k}:${v}`).join(',')}}`),
        fc.array(tie('node'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
        fc.tuple(tie('node'), tie('node')).map(([x, y]) => `{"a":${x},"c":${y}}`),
      ),
    }));
    fc.assert(
      fc.property(node, (text) => void same(text)),
      { numRuns: 5000 },
    );
  });

  test('every JSON value comes back from its canonical text, unless it holds what is refused', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, noUnicodeString: false }), (drawn) => {
        let text: string;
        try {
          text = canonicalize(drawn as Json);
        } catch {
          return; // a lone surrogate
        }
        const read = same(text);
        if (read.ok) expect(canonicalize(read.value)).toBe(text);
        else expect(['NUMBER_OUT_OF_RANGE', 'STRING_TOO_LONG', 'TOO_DEEP']).toContain(read.error.code);
      }),
      { numRuns: 3000 },
    );
  });
});

function withoutMinusZero(value: Json): Json {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, withoutMinusZero(below)]));
}
