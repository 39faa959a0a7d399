import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './address.ts';
import { readAuthority } from './host.ts';

const HOUSE = [
  ...['127.0.0.1', '127.255.0.9', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  ...['169.254.169.254', '100.64.0.1', '100.100.100.200', '224.0.0.1', '255.255.255.255', '168.63.129.16'],
  ...['192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.7', '192.88.99.1', '240.0.0.1'],
  ...['::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
  ...[
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '3fff::1',
    '::7f00:1',
    '100::1',
  ],
  ...['', 'example.org', '1.2.3', '1.2.3.4.5', '256.1.1.1', 'fe80::1%eth0', '0x7f.1'],
];

describe('an address', () => {
  it.each(HOUSE)('%j is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.1.1',
    '2606:4700::1111',
    '2a00:1450:4001::8a',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('what CONNECT names', () => {
  it.each([
    ['Example.ORG:443', 'example.org', 443],
    ['example.org.:443', 'example.org', 443],
    ['0x7f.1:80', '127.0.0.1', 80],
    ['2130706433:80', '127.0.0.1', 80],
    ['[::ffff:127.0.0.1]:8443', '127.0.0.1', 8443],
    ['[0:0::1]:8443', '[::1]', 8443],
    ['bücher.example:443', 'xn--bcher-kva.example', 443],
  ])('%s is %s and %d, however it is written', (text, host, port) => {
    expect(readAuthority(text)).toEqual({ ok: true, value: { host, port } });
  });

  it.each([
    'example.org',
    'example.org:0',
    'example.org:65536',
    'user@example.org:443',
    'https://example.org:443',
    'example.org:443/path',
    'a b:443',
    '[fe80::1%25eth0]:443',
    ':443',
    'example..org:443',
  ])('%j is refused', (text) => {
    expect(readAuthority(text).ok).toBe(false);
  });
});
