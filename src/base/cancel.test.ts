import { expect, test, vi } from 'vitest';
import { abortSignalOf, Cancel } from './cancel.ts';

test('whoever listens hears of an abort once, in its tick, and with its reason', () => {
  const cancel = new Cancel();
  const left = vi.fn();
  const heard = vi.fn(() => expect(cancel.aborted).toBe(true));
  cancel.addEventListener('abort', left);
  cancel.addEventListener('abort', heard);
  cancel.removeEventListener('abort', left);
  expect([cancel.aborted, cancel.reason]).toEqual([false, undefined]);
  const reason = new Error('the client has gone');
  cancel.abort(reason);
  cancel.abort(new Error('a second one'));
  expect([left.mock.calls.length, heard.mock.calls.length, cancel.reason]).toEqual([0, 1, reason]);
});

test('as with an AbortSignal, nobody who listens too late is called', () => {
  const cancel = new Cancel();
  cancel.abort();
  const heard = vi.fn();
  cancel.addEventListener('abort', heard);
  cancel.abort();
  expect(heard).not.toHaveBeenCalled();
});

test('a listener that throws keeps no other from hearing, and its fault does not get lost', async () => {
  const cancel = new Cancel();
  const heard = vi.fn();
  cancel.addEventListener('abort', () => {
    throw new Error('a fault of ours');
  });
  cancel.addEventListener('abort', heard);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
  cancel.abort();
  expect(heard).toHaveBeenCalledOnce();
  expect(await uncaught).toMatchObject({ message: 'a fault of ours' });
  for (const other of others) process.on('uncaughtException', other);
});

test('as a real AbortSignal it is aborted with it, whether that was before or comes after', () => {
  const reason = new Error('over');
  const cancel = new Cancel();
  const before = abortSignalOf(cancel);
  expect(before.aborted).toBe(false);
  cancel.abort(reason);
  expect([before.reason, abortSignalOf(cancel).reason]).toEqual([reason, reason]);
  expect(abortSignalOf(before)).toBe(before);
});
