import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { digestOf } from '../base/hash.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Notes and keys as C2SP signed-note has them, Ed25519 only (signature type 0x01). */

/** Whose signatures count. */
export interface VerifierKey {
  readonly name: string;
  /** The key id, 8 lower-case hex digits. */
  readonly id: string;
  /** `<name>+<id>+<base64(0x01 ‖ public key)>` */
  readonly line: string;
  /** `sha256:` and hex, over the 32 bytes of the public key: what a person compares. */
  readonly fingerprint: string;
  readonly publicKey: KeyObject;
}

/** Why a note is not accepted. `unsigned`: by nobody we know; `forged`: it claims a known key and does not verify. */
export interface NoteFault {
  readonly kind: 'malformed' | 'unsigned' | 'forged';
  readonly what: string;
}

export const ED25519 = 0x01;

/** Key names: not empty, no Unicode spaces, no plus (and no control characters, which no note may hold). */
export function isKeyName(name: string): boolean {
  return /^[^\s\u0085+\p{Cc}]+$/u.test(name) && name.isWellFormed();
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key), the first four bytes in hex. `keyData` is type ‖ public key. */
export function keyIdOf(name: string, keyData: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), keyData]), 'hex').slice(0, 8);
}

/** Standard base64 with padding, and nothing but it; null otherwise (Node's decoder takes anything). */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}

/** Splits `name+id+base64`; the base64 may hold further plus signs. Checks everything but what the bytes are. */
export function splitKey(line: string): Result<{ name: string; id: string; data: Buffer }, string> {
  const first = line.indexOf('+');
  const second = line.indexOf('+', first + 1);
  if (first < 0 || second < 0) return err('it is not of the form <name>+<id>+<base64>');
  const name = line.slice(0, first);
  const id = line.slice(first + 1, second);
  const data = decodeBase64(line.slice(second + 1));
  if (!isKeyName(name)) return err('its name is empty or holds a space');
  if (!/^[0-9a-f]{8}$/.test(id)) return err('its id is not 8 lower-case hex digits');
  if (data === null) return err('its last part is not base64');
  if (data[0] !== ED25519 || data.length !== 33) return err('it is not an Ed25519 key');
  return ok({ name, id, data });
}

/** Reads a verifier-key line; the error says what is wrong with it. */
export function parseVerifierKey(line: string): Result<VerifierKey, string> {
  const parts = splitKey(line);
  if (!parts.ok) return parts;
  const { name, id, data } = parts.value;
  if (keyIdOf(name, data) !== id) return err('its id does not belong to its name and key');
  const x = data.subarray(1);
  const publicKey = createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') },
  });
  return ok({ name, id, line, fingerprint: digestOf(x), publicKey });
}

/**
 * The text of a note that `key` signed. Signatures of other keys are ignored, as the standard demands; one that claims
 * our key and fails refuses the note. Nothing of the text may be believed before this answered `ok`.
 */
export function openNote(note: string, key: VerifierKey): Result<string, NoteFault> {
  const parts = splitNote(note);
  if (!parts.ok) return parts;
  const text = Buffer.from(parts.value.text);
  let verified = false;
  for (const signature of parts.value.signatures) {
    if (signature.name !== key.name || signature.id !== key.id) continue;
    if (!verify(null, text, key.publicKey, signature.bytes)) {
      return err({ kind: 'forged', what: `the signature of ${key.name} does not fit the text` });
    }
    verified = true;
  }
  if (!verified) return err({ kind: 'unsigned', what: `it is not signed by ${key.name}+${key.id}` });
  return ok(parts.value.text);
}

interface SignatureLine {
  readonly name: string;
  readonly id: string;
  readonly bytes: Buffer;
}

const malformed = (what: string) => err({ kind: 'malformed', what } as const);

function splitNote(note: string): Result<{ text: string; signatures: SignatureLine[] }, NoteFault> {
  if (note.length > LIMITS.noteLength) return malformed(`it is longer than ${LIMITS.noteLength} characters`);
  if (!note.isWellFormed()) return malformed('it is not valid UTF-8');
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) return malformed('it holds a control character');
  // The text may hold empty lines itself; the last one separates.
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0) return malformed('no empty line separates text and signatures');
  const text = note.slice(0, blank + 1);
  const block = note.slice(blank + 2);
  if (text === '\n' || block === '') return malformed('text or signatures are missing');
  if (!block.endsWith('\n')) return malformed('its last line is not ended');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > LIMITS.noteSignatures) return malformed('it has too many signatures');
  const signatures: SignatureLine[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return malformed('a signature line is not "— <name> <base64>"');
    signatures.push(signature);
  }
  return ok({ text, signatures });
}

function parseSignature(line: string): SignatureLine | null {
  const [dash, name, base64, ...rest] = line.split(' ');
  if (dash !== '—' || name === undefined || base64 === undefined || rest.length > 0) return null;
  const bytes = decodeBase64(base64);
  if (!isKeyName(name) || bytes === null || bytes.length < 5) return null;
  return { name, id: bytes.toString('hex', 0, 4), bytes: bytes.subarray(4) };
}
