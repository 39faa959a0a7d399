import { err, ok, type Result } from '../base/result.ts';
import { decodeBase64, type NoteFault, openNote, parseVerifierKey, type VerifierKey } from './note.ts';
import type { Signer } from './signer.ts';

/** What a C2SP tlog-checkpoint says: this log had this root when it held so many entries. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
}

/** The signed note. Throws RangeError for an origin that would not come back out of it. */
export function signCheckpoint(signer: Signer, origin: string, size: number, root: Uint8Array): string {
  if (!isOrigin(origin)) throw new RangeError(`"${origin}" is no origin: it is empty or no single line`);
  if (!Number.isSafeInteger(size) || size < 0 || root.length !== 32) throw new RangeError('no such tree');
  return signer.signNote(`${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`);
}

/**
 * Reads a checkpoint that `key` (a verifier-key line, or one read already) signed. Throws RangeError for a line that is
 * no verifier key: whoever offers one has read it with `parseVerifierKey`.
 */
export function openCheckpoint(note: string, key: string | VerifierKey): Result<Checkpoint, NoteFault> {
  const verifier = typeof key === 'string' ? readKey(key) : key;
  const opened = openNote(note, verifier);
  return opened.ok ? parseBody(opened.value) : opened;
}

function readKey(line: string): VerifierKey {
  const key = parseVerifierKey(line);
  if (!key.ok) throw new RangeError(`not a verifier key: ${key.error}`);
  return key.value;
}

/** Three lines and, if there must be, extension lines, which are not empty and mean nothing to us. */
function parseBody(text: string): Result<Checkpoint, NoteFault> {
  const lines = text.slice(0, -1).split('\n');
  const [origin, decimal, base64] = lines;
  if (origin === undefined || decimal === undefined || base64 === undefined || lines.includes('')) {
    return malformed('a checkpoint has three lines or more, none of them empty');
  }
  const size = Number(decimal);
  if (!/^(0|[1-9][0-9]{0,15})$/.test(decimal) || !Number.isSafeInteger(size)) {
    return malformed('its second line is not a tree size');
  }
  const root = decodeBase64(base64);
  if (root === null || root.length !== 32)
    return malformed('its third line is not the base64 of a root hash');
  if (!isOrigin(origin)) return malformed('its origin holds a control character');
  return ok({ origin, size, root });
}

const malformed = (what: string) => err({ kind: 'malformed', what } as const);

function isOrigin(origin: string): boolean {
  return origin !== '' && origin.isWellFormed() && !/\p{Cc}/u.test(origin);
}
