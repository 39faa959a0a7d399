import { expect, test } from 'vitest';
import { holdAddresses } from './addresses-first.ts';

const MAY = { kinds: new Set(['elicitation'] as const), hosts: ['login.example.org'] };
const error = (url: string, message = 'Sign in') => ({
  code: -32042,
  message: 'first',
  data: { elicitations: [{ mode: 'url', url, message, elicitationId: 'e1', more: 'x' }] },
});

test('an address on the list goes on under the name of who asks', () => {
  expect(holdAddresses('wiki', MAY, error('https://login.example.org/a'))).toEqual({
    code: -32042,
    message: 'first',
    data: {
      elicitations: [
        {
          mode: 'url',
          url: 'https://login.example.org/a',
          message: '[wiki] Sign in\n\n[It would open login.example.org]',
          elicitationId: 'e1',
        },
      ],
    },
  });
});

test.each([
  ['another host', error('https://evil.example/')],
  ['another scheme', error('javascript:alert(1)')],
  ['an address in its words', error('https://login.example.org/', 'or go to https://evil.example/')],
  ['nothing', { code: -32042, message: 'first' }],
  [
    'an address in the message of the error',
    { ...error('https://login.example.org/'), message: 'http://evil.example' },
  ],
])('%s: none goes on', (_, asked) => {
  const held = holdAddresses('wiki', MAY, asked);
  expect(held).toMatchObject({ code: -32603, data: { code: 'ASK_ADDRESS' } });
  expect(JSON.stringify(held)).not.toContain('evil.example');
});

test('without `may` nothing of it goes on, and other errors are left alone', () => {
  const none = { kinds: new Set<never>(), hosts: [] };
  expect(holdAddresses('wiki', none, error('https://login.example.org/'))).toMatchObject({
    code: -32603,
    data: { code: 'ASK_NOT_ALLOWED' },
  });
  const other = { code: -32000, message: 'see https://example.org' };
  expect(holdAddresses('wiki', none, other)).toBe(other);
});
