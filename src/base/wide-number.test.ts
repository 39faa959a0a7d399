import { describe, expect, test } from 'vitest';
import { canonicalize } from './canonical.ts';
import { isJsonObject, type Json } from './json.ts';
import { parseJson, UPSTREAM_BOUNDS } from './json-text.ts';
import { holdsWide, wideText, withoutWide } from './wide-number.ts';

function read(text: string): Json {
  const value = parseJson(Buffer.from(text), UPSTREAM_BOUNDS);
  if (!value.ok) throw new Error(value.error.sentence);
  return value.value;
}

describe('a number that no double holds', () => {
  test.each([
    '9007199254740993',
    '-12345678901234567890',
    '9223372036854775807',
    '6.02214076e23',
    '1E+400',
    '-1e-400',
    '9007199254740992.5',
  ])('%s is kept as it was written, at any depth and in any order of keys', (token) => {
    const text = `{"b":[${token},{"d":${token},"c":1}],"a":"x"}`;
    const value = read(text);
    expect(JSON.stringify(value)).toBe(text);
    expect(canonicalize(value)).toBe(`{"a":"x","b":[${token},{"c":1,"d":${token}}]}`);
    expect(holdsWide(value)).toBe(true);
    expect(wideText(read(token))).toBe(token);
  });

  test.each([
    ['9223372036854775807', 2 ** 63],
    ['1e400', Number.MAX_VALUE],
    ['-1e400', -Number.MAX_VALUE],
    ['1e-400', 0],
  ])('%s becomes the nearest double where one is wanted', (token, nearest) => {
    expect(withoutWide(read(`{"a":[{"b":${token}}],"__proto__":${token}}`))).toEqual(
      JSON.parse(`{"a":[{"b":${nearest}}],"__proto__":${nearest}}`),
    );
  });

  test('others are numbers, and an object that looks like one is an object', () => {
    const value = read('{"a":[1,0.5,1e15,9007199254740992],"b":{"rawJSON":"7"}}');
    expect(holdsWide(value)).toBe(false);
    expect(withoutWide(value)).toBe(value);
    expect(isJsonObject(value) && wideText(value['b'] ?? null)).toBeNull();
  });
});
