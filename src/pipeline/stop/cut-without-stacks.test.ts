import { expect, test } from 'vitest';
import { HaltSwitch } from './halt-switch.ts';

const frames = (error: Error) => (error.stack ?? '').split('\n    at ').length - 1;

test('errors made while something is cut cost no stack, and later ones have theirs, whatever the cutting throws', () => {
  const halt = new HaltSwitch();
  let seen: number | undefined;
  const cut = () => {
    seen = frames(new Error('cut'));
    throw new Error('broken');
  };
  halt.register({ kind: 'call', name: 'one', about: { agent: 'writer' }, cut });
  expect(halt.tighten('all', 'frozen').things).toMatchObject([{ name: 'one', ms: null }]);
  expect(seen).toBe(0);
  expect(frames(new Error('later'))).toBeGreaterThan(0);
});
