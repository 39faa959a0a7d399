import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RequestState, RequestStates } from './request-state.ts';

const states = new RequestStates(randomBytes(32));
const text = fc.string({ unit: 'binary', maxLength: 200 }).map((one) => one.toWellFormed());
const state: fc.Arbitrary<RequestState> = fc.record({
  pause: text,
  agent: text,
  upstream: text,
  digest: text,
  expiresAtMs: fc.nat(),
  upstreamState: fc.option(text),
});

describe('a sealed state', () => {
  test('opens to what was sealed, under its own key alone', () => {
    fc.assert(
      fc.property(state, (one) => {
        const sealed = states.seal(one);
        expect(states.open(sealed)).toEqual(one);
        expect(new RequestStates(randomBytes(32)).open(sealed)).toBeNull();
      }),
    );
  });

  test('shows nothing of what is in it, and is never the same twice', () => {
    const one = {
      pause: 'p',
      agent: 'writer',
      upstream: 'wiki',
      digest: 'd',
      expiresAtMs: 1,
      upstreamState: 's3cret',
    };
    const sealed = states.seal(one);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/s3cret|writer|wiki/);
    expect(states.seal(one)).not.toBe(sealed);
  });

  test('does not open with any bit changed, cut, lengthened or put together from two', () => {
    fc.assert(
      fc.property(state, state, fc.nat(), fc.nat(7), (one, other, at, bit) => {
        const sealed = Buffer.from(states.seal(one), 'base64url');
        const changed = Buffer.from(sealed);
        changed[at % sealed.length]! ^= 1 << bit;
        expect(states.open(changed.toString('base64url'))).toBeNull();
        expect(states.open(sealed.subarray(0, at % sealed.length).toString('base64url'))).toBeNull();
        expect(states.open(`${sealed.toString('base64url')}A`)).toBeNull();
        const second = Buffer.from(states.seal(other), 'base64url');
        const spliced = Buffer.concat([sealed.subarray(0, 13), second.subarray(13)]);
        expect(states.open(spliced.toString('base64url'))).toBeNull();
      }),
    );
  });

  test('does not open from any other text', () => {
    fc.assert(
      fc.property(fc.string(), (one) => {
        expect(states.open(one)).toBeNull();
      }),
    );
    const sealed = states.seal({
      pause: '',
      agent: '',
      upstream: '',
      digest: '',
      expiresAtMs: 0,
      upstreamState: null,
    });
    for (const other of [`${sealed}=`, ` ${sealed}`, `${sealed}\n`, sealed.replace(/[-_]/g, '+')])
      if (other !== sealed) expect(states.open(other)).toBeNull();
  });
});
