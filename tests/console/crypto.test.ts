import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Buffer as ForBrowsers, isUtf8 } from '../../console/src/verify/buffer.ts';
import * as stand from '../../console/src/verify/crypto.ts';

/** What stands in for node:crypto where the verifier runs in a browser, held to node:crypto. */
const data = Buffer.from('what was signed');
const KEYS = [
  ['Ed25519', generateKeyPairSync('ed25519'), null],
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256'],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256'],
] as const;

describe('the verifier for browsers', () => {
  it.each(KEYS)(
    'takes a signature of %s by the very key, over the very bytes, and no other',
    (_, pair, algorithm) => {
      const key = stand.createPublicKey({ key: pair.publicKey.export({ type: 'spki', format: 'der' }) });
      const signature = sign(algorithm, data, pair.privateKey);
      expect(stand.verify(algorithm, data, key, signature)).toBe(true);
      expect(stand.verify(algorithm, Buffer.from('what was signe'), key, signature)).toBe(false);
      for (const at of [0, 8, signature.length - 1]) {
        const changed = Buffer.from(signature);
        changed[at] = (changed[at] ?? 0) ^ 1;
        let taken = false;
        try {
          taken = stand.verify(algorithm, data, key, changed);
        } catch {
          // A signature that cannot be read is none; the caller takes a throw for a no.
        }
        expect(taken, `byte ${at}`).toBe(false);
      }
      expect(stand.verify(algorithm, data, key, signature.subarray(1)) === true).toBe(false);
    },
  );

  it('reads an Ed25519 key as the log names it', () => {
    const [, pair] = KEYS[0];
    const jwk = createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })).export({
      format: 'jwk',
    });
    const key = stand.createPublicKey({ key: { crv: String(jwk.crv), x: String(jwk.x) } });
    expect(stand.verify(null, data, key, sign(null, data, pair.privateKey))).toBe(true);
  });

  it.each(['', '30', '3082', 'ff'.repeat(40)])('takes no key out of %j', (hex) => {
    expect(() => stand.createPublicKey({ key: Buffer.from(hex, 'hex') })).toThrow();
  });

  it.each(['hex', 'base64', 'base64url', 'binary'] as const)('hashes as Node does, as %s', (encoding) => {
    expect(stand.hash('sha256', 'ä\0text', encoding)).toBe(
      createHash('sha256').update('ä\0text').digest(encoding),
    );
  });

  it('reads and writes base64url, and tells UTF-8 from what is none', () => {
    const bytes = Buffer.from('fbff00fe', 'hex');
    expect(ForBrowsers.from(bytes.toString('base64url'), 'base64url').toString('hex')).toBe('fbff00fe');
    expect(ForBrowsers.from(bytes).toString('base64url')).toBe(bytes.toString('base64url'));
    expect([isUtf8(Buffer.from('ä')), isUtf8(Buffer.from('ff', 'hex'))]).toEqual([true, false]);
  });
});
