import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/**
 * A software authenticator with the browser around it: P-256 (ES256), attestation `none` or `packed` (self), a counter.
 * What it says of origin, relying party, type and user verification can be falsified one by one.
 */

export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly counter?: number;
  readonly crossOrigin?: boolean;
  /** The signature with one bit turned. */
  readonly badSignature?: boolean;
  /** Signed by another key than the one that was enrolled. */
  readonly key?: KeyObject;
  readonly attestation?: 'none' | 'packed';
}

/** Every way in which an assertion can be wrong, by name. */
export const LIES: readonly (readonly [string, Lies])[] = [
  ['of a page at another port of localhost', { origin: 'http://localhost:1' }],
  ['of a page elsewhere', { origin: 'https://evil.example' }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['without user verification', { userVerified: false }],
  ['without anybody there', { userPresent: false }],
  ['that makes a passkey', { type: 'webauthn.create' }],
  ['with a bit turned', { badSignature: true }],
  ['by another key', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  ['by a copy of the passkey, whose counter stands still', { counter: 1 }],
];

export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

const FLAG = { present: 0x01, verified: 0x04, attested: 0x40 };

/** As `toJSON()` gives it. */
interface Assertion {
  readonly id: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
  };
}

export class Authenticator {
  readonly id = randomBytes(24);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly origin: string;
  counter = 0;
  #user = '';

  constructor(origin: string) {
    this.origin = origin;
  }

  get credential(): string {
    return this.id.toString('base64url');
  }

  /** SPKI DER, base64url. */
  get publicKey(): string {
    return this.#keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
  }

  /** The same passkey as a browser's virtual authenticator holds it (CDP `WebAuthn.Credential`); from then on it is used there. */
  forBrowser(): object {
    return {
      credentialId: this.id.toString('base64'),
      isResidentCredential: true,
      rpId: new URL(this.origin).hostname,
      privateKey: this.#keys.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      userHandle: Buffer.from(this.#user, 'base64url').toString('base64'),
      signCount: this.counter,
    };
  }

  /** navigator.credentials.create */
  create(options: CreationOptions, lies: Lies = {}): object {
    this.#user = options.user.id;
    const clientData = this.#clientData('webauthn.create', options.challenge, lies);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.#cose()]);
    const authData = this.#authData(options.rp.id, FLAG.attested, attested, lies);
    const packed = lies.attestation === 'packed';
    const statement = packed
      ? cborMap([
          [cborText('alg'), cborInt(-7)],
          [cborText('sig'), cborBytes(this.#sign(authData, clientData, lies))],
        ])
      : cborMap([]);
    const attestationObject = cborMap([
      [cborText('fmt'), cborText(packed ? 'packed' : 'none')],
      [cborText('attStmt'), statement],
      [cborText('authData'), cborBytes(authData)],
    ]);
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** navigator.credentials.get */
  get(options: RequestOptions, lies: Lies = {}): Assertion {
    const clientData = this.#clientData('webauthn.get', options.challenge, lies);
    const authData = this.#authData(options.rpId, 0, Buffer.alloc(0), lies);
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: this.#sign(authData, clientData, lies).toString('base64url'),
      userHandle: this.#user,
    });
  }

  #answer<Response>(response: Response) {
    const id = this.credential;
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }

  #clientData(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );
  }

  #authData(rpId: string, more: number, rest: Buffer, lies: Lies): Buffer {
    this.counter = lies.counter ?? this.counter + 1;
    const flags =
      more |
      (lies.userPresent === false ? 0 : FLAG.present) |
      (lies.userVerified === false ? 0 : FLAG.verified);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const rpIdHash = createHash('sha256')
      .update(lies.rpId ?? rpId)
      .digest();
    return Buffer.concat([rpIdHash, Buffer.of(flags), counter, rest]);
  }

  #sign(authData: Buffer, clientData: Buffer, lies: Lies): Buffer {
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const signature = sign('sha256', signed, lies.key ?? this.#keys.privateKey);
    if (lies.badSignature === true) signature[signature.length - 1]! ^= 1;
    return signature;
  }

  /** RFC 9053 §7.1.1: EC2, ES256, P-256. */
  #cose(): Buffer {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    return cborMap([
      [cborInt(1), cborInt(2)],
      [cborInt(3), cborInt(-7)],
      [cborInt(-1), cborInt(1)],
      [cborInt(-2), cborBytes(Buffer.from(x, 'base64url'))],
      [cborInt(-3), cborBytes(Buffer.from(y, 'base64url'))],
    ]);
  }
}

/** RFC 8949: as much CBOR as an authenticator writes. */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.of((major << 5) | value);
  if (value < 256) return Buffer.of((major << 5) | 24, value);
  return Buffer.of((major << 5) | 25, value >> 8, value & 255);
}
const cborInt = (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value));
const cborBytes = (bytes: Buffer): Buffer => Buffer.concat([head(2, bytes.length), bytes]);
const cborText = (text: string): Buffer =>
  Buffer.concat([head(3, Buffer.byteLength(text)), Buffer.from(text)]);
const cborMap = (pairs: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
