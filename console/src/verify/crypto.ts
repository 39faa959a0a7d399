import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { Buffer } from './buffer.ts';
import { type RsaKey, readRsaKey, verifyRsa } from './rsa.ts';

/**
 * What the verifier of src/ledger takes from node:crypto, for browsers, where WebCrypto answers only later and the
 * verifier asks at once. Anything it would take besides these fails the build, not the verification.
 */
export type KeyObject =
  | { readonly asymmetricKeyType: 'ed25519' | 'ec'; readonly bytes: Uint8Array }
  | { readonly asymmetricKeyType: 'rsa'; readonly rsa: RsaKey };

export function hash(algorithm: string, data: string | Uint8Array, encoding: string): unknown {
  if (algorithm !== 'sha256') throw new RangeError(`no ${algorithm} here`);
  const digest = sha256(typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
  const buffer = Buffer.from(digest.buffer, digest.byteOffset, digest.length);
  if (encoding === 'buffer') return buffer;
  return buffer.toString(encoding === 'binary' ? 'latin1' : encoding);
}

/** The DER of a SubjectPublicKeyInfo up to the key itself (RFC 8410, RFC 5480). */
const ED25519_SPKI = '302a300506032b6570032100';
const P256_SPKI = '3059301306072a8648ce3d020106082a8648ce3d030107034200';

/** Of an Ed25519 key as a JWK, or a key of a passkey as DER: the forms that the verifier reads. */
export function createPublicKey(given: {
  readonly key: { readonly crv: string; readonly x: string } | Uint8Array;
}): KeyObject {
  const { key } = given;
  if (!(key instanceof Uint8Array)) {
    if (key.crv !== 'Ed25519') throw new RangeError(`no ${key.crv} here`);
    return { asymmetricKeyType: 'ed25519', bytes: Buffer.from(key.x, 'base64') };
  }
  const hex = Buffer.from(key).toString('hex');
  for (const [type, prefix] of [
    ['ed25519', ED25519_SPKI],
    ['ec', P256_SPKI],
  ] as const)
    if (hex.startsWith(prefix)) return { asymmetricKeyType: type, bytes: key.slice(prefix.length / 2) };
  return { asymmetricKeyType: 'rsa', rsa: readRsaKey(key) };
}

/** RFC 8032 (`zip215: false`: as strict as it is there), FIPS 186-5 ECDSA with DER signatures, RFC 8017 PKCS #1 v1.5. */
export function verify(
  algorithm: string | null,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType === 'ed25519')
    return signature.length === 64 && ed25519.verify(signature, data, key.bytes, { zip215: false });
  if (algorithm !== 'sha256') throw new RangeError(`no ${String(algorithm)} here`);
  if (key.asymmetricKeyType === 'rsa') return verifyRsa(key.rsa, sha256(data), signature);
  try {
    return p256.verify(signature, sha256(data), key.bytes, { format: 'der', prehash: false, lowS: false });
  } catch {
    // Where the bytes are no signature at all, the answer is no, as in node:crypto.
    return false;
  }
}

export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
