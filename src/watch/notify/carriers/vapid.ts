import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { HOUR_MS } from '../../../base/duration.ts';

/** How a push service knows this instance again (RFC 8292): a P-256 key pair that belongs to it for good. */
export interface VapidKeys {
  readonly privateKey: KeyObject;
  /** The public key as browsers take it: uncompressed, base64url. */
  readonly publicKey: string;
}

export function createVapidKeys(): { readonly pem: string; readonly keys: VapidKeys } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, keys: openVapidKeys(pem) };
}

/** Throws where the text is no such key. */
export function openVapidKeys(pem: string): VapidKeys {
  const privateKey = createPrivateKey(pem);
  const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new Error('this is no key of the curve P-256');
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { privateKey, publicKey: point.toString('base64url') };
}

const LIFETIME_S = (12 * HOUR_MS) / 1000;

/** `Authorization` for one push service; good for half a day (RFC 8292 allows a whole one). */
export function vapidHeader(keys: VapidKeys, endpoint: string, contact: string, nowMs: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    aud: new URL(endpoint).origin,
    exp: Math.floor(nowMs / 1000) + LIFETIME_S,
    sub: contact,
  };
  const signed = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
  return `vapid t=${signed}.${signature.toString('base64url')}, k=${keys.publicKey}`;
}
