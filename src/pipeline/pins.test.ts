import { describe, expect, test } from 'vitest';
import { Pins } from './pins.ts';

describe('the pins without some upstreams', () => {
  test('still know whom they met, so that nothing of theirs is taken unseen', () => {
    const pins = new Pins();
    pins.recall('mail', '2025', []);
    pins.recall('files', '2025', []);
    const rest = pins.without(['files']);
    expect(rest.hasMet('mail')).toBe(true);
    expect(rest.hasMet('files')).toBe(false);
    expect(pins.hasMet('files')).toBe(true);
    expect(pins.with('mail', '2025', []).hasMet('mail')).toBe(true);
  });
});
