import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { err, ok, type Result } from '../base/result.ts';
import { ED25519, isKeyName, keyIdOf, splitKey } from './note.ts';

/** Signs checkpoints. The private key leaves only through `exportText`. */
export class Signer {
  readonly name: string;
  /** `<name>+<id>+<base64(0x01 ‖ public key)>`: what everyone may know. */
  readonly verifierKey: string;
  readonly #id: Buffer;
  readonly #privateKey: KeyObject;

  constructor(name: string, privateKey: KeyObject) {
    if (!isKeyName(name))
      throw new RangeError(`"${name}" is no key name: it is empty, or holds a space or plus`);
    const data = Buffer.concat([Buffer.of(ED25519), publicBytes(privateKey)]);
    const id = keyIdOf(name, data);
    this.name = name;
    this.verifierKey = `${name}+${id}+${data.toString('base64')}`;
    this.#id = Buffer.from(id, 'hex');
    this.#privateKey = privateKey;
  }

  /** The signed note of a text that ends in a newline. */
  signNote(text: string): string {
    const signature = Buffer.concat([this.#id, sign(null, Buffer.from(text), this.#privateKey)]);
    return `${text}\n— ${this.name} ${signature.toString('base64')}\n`;
  }

  /** `PRIVATE+KEY+<name>+<id>+<base64(0x01 ‖ seed)>`, the form of golang.org/x/mod/sumdb/note. A secret. */
  exportText(): string {
    const seed = this.#privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    const data = Buffer.concat([Buffer.of(ED25519), seed]);
    return `${PRIVATE}${this.name}+${this.#id.toString('hex')}+${data.toString('base64')}`;
  }
}

const PRIVATE = 'PRIVATE+KEY+';
/** RFC 8410 §7: what precedes the 32-byte seed in PKCS #8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A new key. Throws RangeError for a name that no key may have. */
export function createSigner(name: string): Signer {
  return new Signer(name, generateKeyPairSync('ed25519').privateKey);
}

/** Reads what `exportText` wrote. The error never repeats any of it. */
export function openSigner(text: string): Result<Signer, string> {
  if (!text.startsWith(PRIVATE))
    return err('it is no private key of the form PRIVATE+KEY+<name>+<id>+<base64>');
  const parts = splitKey(text.slice(PRIVATE.length));
  if (!parts.ok) return parts;
  const key = Buffer.concat([PKCS8_PREFIX, parts.value.data.subarray(1)]);
  const signer = new Signer(parts.value.name, createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  const [, id] = signer.verifierKey.split('+');
  return id === parts.value.id ? ok(signer) : err('its id does not belong to its name and key');
}

function publicBytes(privateKey: KeyObject): Buffer {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('this is no Ed25519 key');
  return Buffer.from(x, 'base64url');
}
