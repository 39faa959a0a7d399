import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveUrl } from './url.ts';

describe('an address', () => {
  test.each([
    ['https://example.org', 'https://example.org/'],
    ['HTTPS://EXAMPLE.org:443/a/../b#top', 'https://example.org/b'],
    ['http://example.org:8080/?q=%7e%2f', 'http://example.org:8080/?q=~%2F'],
    ['http://example.org./x', 'http://example.org/x'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
    ['http://2130706433/', 'http://127.0.0.1/'],
    ['http://0177.0.0.1./', 'http://127.0.0.1/'],
    ['http://[::ffff:127.0.0.1]/', 'http://127.0.0.1/'],
    ['http://[0:0:0:0:0:0:0:1]/', 'http://[::1]/'],
    ['https://b\u00fccher.example/', 'https://xn--bcher-kva.example/'],
    ['https://\uff45xample.org/', 'https://example.org/'],
    ['https://example.org/%61dmin/%2E%2e/x', 'https://example.org/x'],
    ['https://example.org/%61dmin', 'https://example.org/admin'],
    ['http:\\\\example.org\\x', 'http://example.org/x'],
    ['https://example.org/?a=1#@x', 'https://example.org/?a=1'],
    ['https://example.org/@someone', 'https://example.org/@someone'],
  ])('%j is %j', (text, id) => {
    const result = resolveUrl(text);
    expect(result).toMatchObject({ ok: true, value: { type: 'Url', id } });
  });

  test('has its parts as attributes, the port always', () => {
    expect(resolveUrl('https://Example.org/a%2Fb?c')).toEqual({
      ok: true,
      value: {
        type: 'Url',
        id: 'https://example.org/a%2Fb?c',
        ancestors: [],
        attributes: {
          id: 'https://example.org/a%2Fb?c',
          scheme: 'https',
          host: 'example.org',
          port: '443',
          path: '/a%2Fb',
        },
      },
    });
    expect(resolveUrl('http://example.org:8443/')).toMatchObject({
      value: { attributes: { host: 'example.org', port: '8443' } },
    });
  });

  test.each([
    'example.org',
    '/etc/passwd',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'demo://resource/1',
    'https://user:pass@example.org/',
    'https://user@example.org/',
    'https://@example.org/',
    'https:@example.org',
    'https://:@example.org/',
    'https://example.org\n.evil.example/',
    ' https://example.org/',
    'https://example.org/ ',
    'https://exa mple.org/',
    'https://a..b/',
    'https://./',
    'http://1.2.3.256/',
    `https://example.org/${'x'.repeat(5000)}`,
  ])('%j is refused', (text) => {
    expect(resolveUrl(text).ok).toBe(false);
  });

  test('in its normal form is itself', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl({ withFragments: true, withQueryParameters: true }),
          fc.webUrl().map((url) => `${url}/%41%2e/%2f/%zz`),
        ),
        (text) => {
          const first = resolveUrl(text);
          if (!first.ok) return;
          expect(resolveUrl(first.value.id)).toEqual(first);
          expect(new URL(first.value.id).href).toBe(first.value.id);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
