import { describe, expect, test } from 'vitest';
import { problem } from '../base/errors.ts';
import { issuePass, type Pass, spend } from './pass.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;
const free = () => null;

describe('P1 a pass', () => {
  test('lets one action through once', () => {
    const pass = issuePass(DIGEST, free);
    expect(spend(pass, DIGEST)).toBeNull();
    expect(() => spend(pass, DIGEST)).toThrow('not live');
  });

  test('is for the action that it was made for, and gone when it was offered for another', () => {
    const pass = issuePass(DIGEST, free);
    expect(() => spend(pass, OTHER)).toThrow('another action');
    expect(() => spend(pass, DIGEST)).toThrow('not live');
  });

  test('looks at the switch when it is spent, and not before', () => {
    let halted = false;
    const pass = issuePass(DIGEST, () => (halted ? problem('FROZEN') : null));
    halted = true;
    expect(spend(pass, DIGEST)).toMatchObject({ code: 'FROZEN' });
  });

  test('is spent by a stop too: it is no good afterwards', () => {
    let halted = true;
    const pass = issuePass(DIGEST, () => (halted ? problem('FROZEN') : null));
    spend(pass, DIGEST);
    halted = false;
    expect(() => spend(pass, DIGEST)).toThrow('not live');
  });

  test('is spent also where the look at the switch throws', () => {
    const pass = issuePass(DIGEST, () => {
      throw new Error('a bug');
    });
    expect(() => spend(pass, DIGEST)).toThrow('a bug');
    expect(() => spend(pass, DIGEST)).toThrow('not live');
  });

  const real = () => issuePass(DIGEST, free);
  const lookAlikes: Record<string, () => Pass> = {
    'an empty object': () => Object.create(null) as Pass,
    'one of its prototype': () => Object.create(Object.getPrototypeOf(real())) as Pass,
    'one that inherits from it': () => Object.create(real()) as Pass,
    'a copy of it': () => Object.assign(Object.create(Object.getPrototypeOf(real())) as Pass, real()),
    'a clone of it': () => structuredClone(real()),
    'a proxy around it': () => new Proxy(real(), {}),
    'one of its constructor': () =>
      Reflect.construct(Object.getPrototypeOf(real()).constructor, [DIGEST, free]) as Pass,
  };
  test.each(Object.entries(lookAlikes))('is not %s', (_, make) => {
    expect(() => spend(make(), DIGEST)).toThrow('not live');
  });

  test('says nothing of itself to who holds it', () => {
    const pass = issuePass(DIGEST, free);
    expect([Object.getOwnPropertyNames(pass), JSON.stringify(pass)]).toEqual([[], '{}']);
  });
});
