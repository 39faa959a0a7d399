import { createCipheriv, createECDH, createHmac, type ECDH, randomBytes } from 'node:crypto';
import type { PushSubscription } from '../reach.ts';

const RECORD_SIZE = 4096;

/**
 * A Web Push message for one browser (RFC 8291): a fresh key pair agrees with the browser's, what follows from that and
 * its secret encrypts one record of `aes128gcm` (RFC 8188). The push service in between sees how long it is, no more.
 */
export function encryptPush(
  plaintext: string,
  { p256dh, auth }: Pick<PushSubscription, 'p256dh' | 'auth'>,
  own: ECDH = freshKeys(),
  salt: Uint8Array = randomBytes(16),
): Buffer {
  const ownPublic = own.getPublicKey();
  const shared = own.computeSecret(p256dh);
  const keyInfo = Buffer.concat([text('WebPush: info\0'), p256dh, ownPublic]);
  const ikm = expand(hmac(auth, shared), keyInfo, 32);
  const prk = hmac(salt, ikm);
  const key = expand(prk, text('Content-Encoding: aes128gcm\0'), 16);
  const nonce = expand(prk, text('Content-Encoding: nonce\0'), 12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  // 0x02 ends the last record.
  const sealed = Buffer.concat([
    cipher.update(Buffer.concat([Buffer.from(plaintext), Buffer.from([2])])),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const size = Buffer.alloc(5);
  size.writeUInt32BE(RECORD_SIZE);
  size[4] = ownPublic.length;
  return Buffer.concat([salt, size, ownPublic, sealed]);
}

function freshKeys(): ECDH {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  return keys;
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();

/** HKDF-Expand for one block at most (RFC 5869). */
const expand = (prk: Uint8Array, info: Uint8Array, length: number): Buffer =>
  hmac(prk, Buffer.concat([info, Buffer.from([1])])).subarray(0, length);
