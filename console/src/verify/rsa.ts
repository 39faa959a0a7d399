/** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2): passkeys of some Windows machines sign so. */
export interface RsaKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

const RSA_OID = '06092a864886f70d010101';
/** DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2). */
const DIGEST_INFO = '3031300d060960864801650304020105000420';

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${hexOf(bytes)}`);

/** Reads a SubjectPublicKeyInfo (RFC 8017 §A.1.1). Throws RangeError for anything else. */
export function readRsaKey(der: Uint8Array): RsaKey {
  const outer = element(der, 0);
  const algorithm = element(der, outer.from);
  if (!hexOf(der.slice(algorithm.from, algorithm.to)).startsWith(RSA_OID))
    throw new RangeError('no such key');
  const bits = element(der, algorithm.to);
  // A bit string begins with how many bits of its last byte are unused.
  const key = element(der, bits.from + 1);
  const modulus = element(der, key.from);
  const exponent = element(der, modulus.to);
  return {
    modulus: numberOf(der.slice(modulus.from, modulus.to)),
    exponent: numberOf(der.slice(exponent.from, exponent.to)),
  };
}

/** One DER element: where its content begins and ends. */
function element(der: Uint8Array, at: number): { readonly from: number; readonly to: number } {
  const first = der[at + 1];
  if (first === undefined) throw new RangeError('the key is cut short');
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : Number(numberOf(der.slice(at + 2, at + 2 + lengthBytes)));
  const from = at + 2 + lengthBytes;
  if (from + length > der.length) throw new RangeError('the key is cut short');
  return { from, to: from + length };
}

export function verifyRsa({ modulus, exponent }: RsaKey, digest: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.ceil(modulus.toString(16).length / 2);
  const signed = numberOf(signature);
  if (signature.length !== length || signed >= modulus) return false;
  const tail = `00${DIGEST_INFO}${hexOf(digest)}`;
  const expected = `0001${'f'.repeat(2 * length - 4 - tail.length)}${tail}`;
  return (
    power(signed, exponent, modulus)
      .toString(16)
      .padStart(2 * length, '0') === expected
  );
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
