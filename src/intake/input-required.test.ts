import { describe, expect, test } from 'vitest';
import { LIMITS } from '../base/limits.ts';
import { readInputRequired } from './input-required.ts';

const read = (more: object, method = 'tools/call') =>
  readInputRequired(method, { resultType: 'input_required', ...more });
const form = { method: 'elicitation/create', params: { message: 'x' } };

describe('what an upstream asks for first', () => {
  test('is read where it may stand, with its state or without', () => {
    for (const method of ['tools/call', 'prompts/get', 'resources/read'])
      expect(read({ inputRequests: { a: form }, requestState: 's' }, method)).toEqual({
        ok: true,
        value: { requests: { a: form }, state: 's' },
      });
    expect(read({ inputRequests: { a: form } })).toMatchObject({ value: { state: null } });
    expect(read({ requestState: '' })).toMatchObject({ value: { requests: {}, state: '' } });
  });

  test('is nothing of the kind elsewhere', () => {
    expect(read({ requestState: 's' }, 'completion/complete')).toBeNull();
    expect(read({ requestState: 's' }, 'tools/list')).toBeNull();
    expect(
      readInputRequired('tools/call', { resultType: 'complete', inputRequests: { a: form } }),
    ).toBeNull();
  });

  test.each([
    ['nothing', {}, 'without'],
    ['an empty list', { inputRequests: {} }, 'without'],
    ['a list', { inputRequests: [form] }, 'no object'],
    ['a state that is no text', { inputRequests: { a: form }, requestState: 1 }, 'no string'],
    ['a long state', { requestState: 'é'.repeat(LIMITS.upstreamStateBytes / 2 + 1) }, 'longer than'],
    ['a request that is none', { inputRequests: { a: 'x' } }, 'no "method"'],
    ['a request without a method', { inputRequests: { a: {} } }, 'no "method"'],
    ['an empty key', { inputRequests: { '': form } }, 'a key'],
    ['a reserved key', { inputRequests: { __entity: form } }, 'a key'],
    ['a key that moves the cursor', { inputRequests: { 'a\u001b[2K': form } }, 'a key'],
    ['a long key', { inputRequests: { ['a'.repeat(LIMITS.callerNameLength + 1)]: form } }, 'a key'],
    ['much', { inputRequests: { a: { ...form, more: 'x'.repeat(LIMITS.askLength) } } }, 'longer than'],
  ])('%s is refused', (_, more, why) => {
    expect(read(more)).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });
});
