import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import { mintToken, Tokens } from './tokens.ts';

const MINUTE_MS = 60_000;
const TTL_MS = 10 * MINUTE_MS;

let nowMs: number;
let tokens: Tokens;
beforeEach(() => {
  nowMs = 1_000_000 * MINUTE_MS;
  tokens = new Tokens({ now: () => nowMs, monotonicMs: () => nowMs });
});

function give(agent: string): string {
  const { token, record } = mintToken({ agent }, nowMs, TTL_MS);
  tokens.put(record);
  return token;
}

const codeOf = (bearer: string | undefined, from = 'here', over?: object) => {
  const result = tokens.authenticate(bearer, from, over);
  if (!result.ok) return result.error.code;
  return 'agent' in result.value ? result.value.agent : `point ${result.value.point}`;
};

describe('a token', () => {
  test('names its agent, and no other', () => {
    const [writer, reader] = [give('writer'), give('reader')];
    expect([codeOf(writer), codeOf(reader)]).toEqual(['writer', 'reader']);
  });

  test('of a run is over with the one that it was exchanged for, revoked or expired', () => {
    const [first, second] = [give('writer'), give('writer')];
    const [revoked, expired] = [first, second].map((one) => {
      const exchangedFor = one.slice(4, 12);
      const { token, record } = mintToken({ agent: 'writer' }, nowMs, 2 * TTL_MS);
      tokens.put({ ...record, exchangedFor });
      return { token, id: record.id };
    });
    expect([codeOf(revoked?.token), codeOf(expired?.token)]).toEqual(['writer', 'writer']);
    tokens.remove(first.slice(4, 12));
    expect([codeOf(revoked?.token), codeOf(expired?.token)]).toEqual(['TOKEN_REFUSED', 'writer']);
    nowMs += TTL_MS;
    expect(codeOf(expired?.token)).toBe('TOKEN_REFUSED');
    expect(tokens.isLive(expired?.id ?? '')).toBe(false);
  });

  test('of a point is no agent of the same name', () => {
    const { token, record } = mintToken({ point: 'writer' }, nowMs, TTL_MS);
    tokens.put(record);
    expect([codeOf(token), codeOf(give('writer'))]).toEqual(['point writer', 'writer']);
    expect(tokens.of({ point: 'writer' }).map(({ id }) => id)).toEqual([record.id]);
    expect(tokens.ofAgent('writer').map(({ id }) => id)).not.toContain(record.id);
  });

  test('is kept as a hash, from which nobody makes it again', () => {
    const { token, record } = mintToken({ agent: 'writer' }, nowMs, TTL_MS);
    const secret = token.slice(`lyd_${record.id}_`.length);
    expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(JSON.stringify(record)).not.toContain(secret.slice(0, 8));
  });

  test('is new each time', () => {
    const made = new Set(
      Array.from({ length: 1000 }, () => mintToken({ agent: 'writer' }, nowMs, TTL_MS).token),
    );
    expect(made.size).toBe(1000);
  });

  test('ends when its time is over, and when it is revoked', () => {
    const [first, second] = [give('writer'), give('writer')];
    const [record] = tokens.ofAgent('writer');
    tokens.remove(record?.id ?? '');
    expect([codeOf(first), codeOf(second)]).toEqual(['TOKEN_REFUSED', 'writer']);
    nowMs += TTL_MS;
    expect(codeOf(second)).toBe('TOKEN_REFUSED');
  });

  test('is nothing but itself', () => {
    const token = give('writer');
    const [, id = ''] = token.split('_');
    const record = tokens.ofAgent('writer')[0];
    const guesses = [
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      ` ${token}`,
      `lyd_${id}_`,
      `lyd_${id}_${record?.hash ?? ''}`,
      record?.hash ?? 'x',
      id,
      'lyd_',
      'lyd___proto__',
    ];
    expect(guesses.map((guess) => codeOf(guess))).toEqual(guesses.map(() => 'TOKEN_REFUSED'));
    expect([codeOf(undefined), codeOf('')]).toEqual(['TOKEN_MISSING', 'TOKEN_MISSING']);
  });
});

describe('a token that a connection has shown before', () => {
  test('is over on it as well when it is revoked, expired, or another stands under its id', () => {
    const over = {};
    const look = (bearer: string) => codeOf(bearer, 'here', over);
    const [revoked, replaced, expired] = [give('writer'), give('writer'), give('writer')];
    for (const token of [revoked, replaced, expired, expired]) expect(look(token)).toBe('writer');

    expect(look(revoked)).toBe('writer');
    tokens.remove(revoked.slice(4, 12));
    expect(look(revoked)).toBe('TOKEN_REFUSED');

    expect(look(replaced)).toBe('writer');
    const other = mintToken({ agent: 'reader' }, nowMs, TTL_MS).record;
    tokens.put({ ...other, id: replaced.slice(4, 12) });
    expect(look(replaced)).toBe('TOKEN_REFUSED');

    expect(look(expired)).toBe('writer');
    nowMs += TTL_MS;
    expect(look(expired)).toBe('TOKEN_REFUSED');
  });

  test('lets nothing else pass on it', () => {
    const over = {};
    const [token, other] = [give('writer'), give('reader')];
    const guesses = [token.slice(0, -1), `${token}x`, `${token.slice(0, 13)}${other.slice(13)}`];
    for (const guess of guesses) {
      expect(codeOf(token, 'here', over)).toBe('writer');
      expect([codeOf(guess, 'here', over), codeOf(other, 'here', over)]).toEqual(['TOKEN_REFUSED', 'reader']);
    }
  });
});

describe('failed authentications', () => {
  test('of one address are limited in a minute; others, and right tokens, are not', () => {
    const token = give('writer');
    for (let i = 0; i < LIMITS.authFailuresPerMinute; i++)
      expect(codeOf('lyd_no', 'there')).toBe('TOKEN_REFUSED');
    expect(codeOf('lyd_no', 'there')).toBe('TOO_MANY_FAILURES');
    expect(codeOf(undefined, 'there')).toBe('TOO_MANY_FAILURES');
    expect(codeOf('lyd_no', 'elsewhere')).toBe('TOKEN_REFUSED');
    expect(codeOf(token, 'there')).toBe('writer');
    nowMs += MINUTE_MS;
    expect(codeOf('lyd_no', 'there')).toBe('TOKEN_REFUSED');
  });
});
