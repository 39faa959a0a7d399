import { expect, test } from 'vitest';
import { Cancel } from '../../../base/cancel.ts';
import { CAN_NOTHING } from '../../../model/ask.ts';
import { makeControl } from './control.ts';

const control = (cancel: Cancel) => makeControl(cancel, {}, { can: CAN_NOTHING }, () => true);

test('the signal of a call is the one that its cancelling aborts, whenever it is asked for', () => {
  const cancel = new Cancel();
  const { signal } = control(cancel);
  expect(signal.aborted).toBe(false);
  cancel.abort();
  expect(signal.aborted).toBe(true);
  expect(control(cancel).signal).toBe(signal);
});

test('what a call is given has no getter of its own, which would keep the request alive after its end', () => {
  const own = Object.values(Object.getOwnPropertyDescriptors(control(new Cancel())));
  expect(own.length).toBeGreaterThan(0);
  expect(own.filter(({ get }) => get !== undefined)).toEqual([]);
});
