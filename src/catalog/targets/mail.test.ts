import { describe, expect, test } from 'vitest';
import { resolveMail } from './mail.ts';

describe('a mail address', () => {
  test.each([
    ['bob@example.org', 'bob@example.org', 'bob@example.org'],
    ['Bob.Smith+x@EXAMPLE.org', 'bob.smith+x@example.org', 'Bob.Smith+x@example.org'],
    ['Bob Smith <Bob@example.org>', 'bob@example.org', 'Bob@example.org'],
    ['<bob@example.org>', 'bob@example.org', 'bob@example.org'],
    ['bob@example.org.', 'bob@example.org', 'bob@example.org'],
    ['bob@b\u00fccher.example', 'bob@xn--bcher-kva.example', 'bob@xn--bcher-kva.example'],
    ['bob@b\u0075\u0308cher.example', 'bob@xn--bcher-kva.example', 'bob@xn--bcher-kva.example'],
    ['bob@\uff45xample.org', 'bob@example.org', 'bob@example.org'],
    ['J\u00d6RG@example.org', 'j\u00f6rg@example.org', 'J\u00d6RG@example.org'],
  ])('%s is %s and is sent as %s', (text, id, sent) => {
    expect(resolveMail(text)).toMatchObject({
      ok: true,
      value: { sent, target: { type: 'MailAddress', id, attributes: { id, domain: id.split('@')[1] } } },
    });
    expect(resolveMail(sent)).toMatchObject({ value: { sent, target: { id } } });
  });

  // Each of them ends in a permitted domain for somebody who looks at the end, and is delivered elsewhere by some.
  test.each([
    'eve@evil.example, bob@example.org',
    'eve@evil.example;bob@example.org',
    'eve@evil.example bob@example.org',
    'eve@evil.example\r\nBcc: bob@example.org',
    'eve@evil.example\0@example.org',
    'eve@evil.example@example.org',
    '"eve@evil.example"@example.org',
    'eve@evil.example (bob@example.org)',
    'eve(@evil.example)@example.org',
    'eve@evil.example <bob@example.org>',
    'Bob <eve@evil.example> <bob@example.org>',
    '"Bob, Eve <eve@evil.example>" <bob@example.org>',
    '=?utf-8?q?eve=40evil.example?= <bob@example.org>x',
    '@evil.example:bob@example.org',
    'friends: eve@evil.example, bob@example.org;',
    'eve%evil.example\u200b@example.org',
    'eve@evil.example\\@example.org',
    'evil.example!eve@example.org',
    'eve%evil.example@example.org',
    'bob@example.org/evil.example',
    'bob@exa%6dple.org',
    'bob@[127.0.0.1]',
    'bob@127.1',
    'bob@example..org',
    '.bob@example.org',
    'bob',
    '',
    ' bob@example.org',
    'bob@example.org\n',
    `${'b'.repeat(5000)}@example.org`,
  ])('%j is refused', (text) => {
    expect(resolveMail(text).ok).toBe(false);
  });
});
