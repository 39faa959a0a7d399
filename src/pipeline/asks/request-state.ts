import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { isJsonObject, type Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CONTEXT = Buffer.from('lanyard request state 1');

/** What one `requestState` of ours stands for. It names a pause that is kept here, and is worth nothing without it. */
export interface RequestState {
  /** Names the pause; used once. */
  readonly pause: string;
  readonly agent: string;
  readonly upstream: string;
  /** Of the action that goes on. */
  readonly digest: string;
  readonly expiresAtMs: number;
  /** The upstream's own state, which the client never sees; null where it gave none. */
  readonly upstreamState: string | null;
}

/**
 * Seals states with AES-256-GCM under a key of this instance: a client can neither read nor change one, nor take one
 * apart and put it together anew. What does not open is null, whatever is wrong with it: there is nothing to learn.
 */
export class RequestStates {
  readonly #key: Uint8Array;

  /** `key`: 32 random bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new RangeError('a key of request states has 32 bytes');
    this.#key = key;
  }

  seal(state: RequestState): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    cipher.setAAD(CONTEXT);
    const { pause, agent, upstream, digest, expiresAtMs, upstreamState } = state;
    const text = JSON.stringify([pause, agent, upstream, digest, expiresAtMs, upstreamState]);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from([VERSION]), iv, sealed, cipher.getAuthTag()]).toString('base64url');
  }

  open(text: string): RequestState | null {
    if (text.length > LIMITS.requestStateLength || !/^[\w-]+$/.test(text)) return null;
    const bytes = Buffer.from(text, 'base64url');
    // One text for each state: what decodes alike must not pass for another.
    if (bytes.toString('base64url') !== text) return null;
    if (bytes[0] !== VERSION || bytes.length <= 1 + IV_BYTES + TAG_BYTES) return null;
    const opened = this.#decrypt(bytes);
    return opened === null ? null : readState(opened);
  }

  #decrypt(bytes: Buffer): Json | null {
    const iv = bytes.subarray(1, 1 + IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(CONTEXT);
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const sealed = bytes.subarray(1 + IV_BYTES, -TAG_BYTES);
      return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')) as Json;
    } catch {
      return null;
    }
  }
}

function readState(value: Json): RequestState | null {
  if (!Array.isArray(value) || isJsonObject(value)) return null;
  const [pause, agent, upstream, digest, expiresAtMs, upstreamState] = value as readonly Json[];
  if (typeof pause !== 'string' || typeof agent !== 'string' || typeof upstream !== 'string') return null;
  if (typeof digest !== 'string' || typeof expiresAtMs !== 'number') return null;
  if (upstreamState !== null && typeof upstreamState !== 'string') return null;
  return { pause, agent, upstream, digest, expiresAtMs, upstreamState };
}
