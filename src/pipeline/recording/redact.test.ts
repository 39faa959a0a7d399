import { describe, expect, test } from 'vitest';
import { createRedactor } from './redact.ts';

/** Written in parts, so that nobody takes this file for a leak. */
const join = (...parts: readonly string[]) => parts.join('');
const A = 'Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7Ii8Jj9Kk0Ll1Mm2';

const SECRETS: Record<string, string> = {
  'a GitHub token': join('ghp', '_', A),
  'a fine-grained GitHub token': join('github', '_pat_', A, A),
  'a GitLab token': join('glpat', '-', A),
  'a Slack token': join('xoxb', '-1234567890-', A),
  'an AWS key': join('AKIA', 'ABCDEFGHIJKLMNOP'),
  'a Google key': join('AIza', A.slice(0, 35)),
  'a Stripe key': join('sk', '_live_', A),
  'a model provider key': join('sk', '-ant-', A),
  'an npm token': join('npm', '_', A.slice(0, 36)),
  'a token of ours': join('lyd', '_12345678_', A),
  'a JWT': join('eyJ', A, '.eyJ', A, '.', A),
  'a bearer header': join('Authorization: Bea', 'rer ', A),
  'a basic credential': join('Bas', 'ic ', A),
  'an encrypted private key': join(
    '-----BEGIN RSA PRIVATE ',
    'KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIB',
    A,
    '\n-----END RSA PRIVATE ',
    'KEY-----',
  ),
  'a private key': join('-----BEGIN PRIVATE ', 'KEY-----\nMIIB', A, '\n-----END PRIVATE ', 'KEY-----'),
};

describe('P8 what looks like a secret is redacted, as far as forms go', () => {
  const redactor = createRedactor();

  test.each(Object.entries(SECRETS))('%s', (_, secret) => {
    for (const text of [`see ${secret} there`, JSON.stringify({ note: `see ${secret} there` })]) {
      const clean = redactor.redact(text);
      expect(clean).toContain('[redacted]');
      expect(clean).not.toContain(A.slice(0, 12));
      expect(clean).toContain('see ');
      if (text.startsWith('{')) expect(JSON.parse(clean)).toHaveProperty('note');
    }
  });

  test.each([
    ['password: secret: 0123456789', 'password: [redacted] [redacted]'],
    ['password=hunter2-hunter2', 'password=[redacted]'],
    ['{"api_key":"0123456789"}', '{"api_key":"[redacted]"}'],
    ['{\\"client_secret\\": \\"0123456789\\"}', '{\\"client_secret\\": \\"[redacted]\\"}'],
    ['https://ada:0123456789@example.org/x', 'https://ada:[redacted]@example.org/x'],
    ['https://example.org/?access_token=0123456789&x=1', 'https://example.org/?access_token=[redacted]'],
  ])('after a name that says so: %s', (text, clean) => {
    expect(redactor.redact(text)).toBe(clean);
  });

  test.each([
    'the token economy, a secret garden, the password is changed',
    '{"path":"/home/ada/keys/README.md","text":"see https://example.org:8080/a@b"}',
    'sk-short and ghp_short and eyJonly',
  ])('and what only sounds like one stays the very same: %s', (text) => {
    expect(redactor.redact(text)).toBe(text);
  });

  test('and JSON stays JSON, where a key was cut short as well', () => {
    const begun = join('-----BEGIN PRIVATE ', 'KEY-----\nMIIB', A);
    const text = JSON.stringify({
      a: begun,
      nested: JSON.stringify({ a: begun, b: 'kept-as-it-is' }),
      z: 'a-b',
    });
    const clean = JSON.parse(redactor.redact(text)) as { z: string; nested: string };
    expect(clean.z).toBe('a-b');
    expect(JSON.parse(clean.nested)).toEqual({ a: '[redacted]', b: 'kept-as-it-is' });
  });

  test('values of patterns that the configuration names', () => {
    const own = createRedactor(['EMP-\\d{6}', '(?<=iban )\\S+']);
    expect(own.redact('EMP-123456 pays iban DE00 EMP-12')).toBe('[redacted] pays iban [redacted] EMP-12');
  });

  test('does not take long over text made to make it', () => {
    const hostile = [
      'password='.repeat(20_000),
      '-----BEGIN '.repeat(20_000),
      `a${'b'.repeat(200_000)}://`,
      'eyJ'.repeat(60_000),
      `https://${'x:'.repeat(50_000)}`,
      `token${' '.repeat(500_000)}`,
      'secret   '.repeat(50_000),
      `secret:${' '.repeat(500_000)}`,
      'secret='.repeat(50_000),
      'eyJaaaaaaaa-'.repeat(40_000),
      'glpat-'.repeat(80_000),
      `bearer${' '.repeat(500_000)}`,
    ];
    for (const text of hostile) expect(redactor.redact(text).length).toBeGreaterThan(0);
  });
});
