import { randomBytes } from 'node:crypto';
import { equalBytes, sha256 } from '../../base/hash.ts';

const STOP_KEY_PREFIX = 'lyb_';
const SECRET_BYTES = 32;
const ID = /^[0-9a-f]{8}$/;

/** A key that stops and does nothing else, as it is kept: never the key, only its SHA-256. */
export type StopKey = {
  readonly id: string;
  readonly person: string;
  readonly hash: string;
  readonly madeMs: number;
};

/** A new key, `lyb_<id>_<secret>`: the id finds its record, 256 random bits prove it. It is good until it is revoked. */
export function mintStopKey(
  person: string,
  nowMs: number,
): { readonly key: string; readonly record: StopKey } {
  const id = randomBytes(4).toString('hex');
  const key = `${STOP_KEY_PREFIX}${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { key, record: { id, person, hash: sha256(key).toString('base64'), madeMs: nowMs } };
}

export const looksLikeStopKey = (bearer: string): boolean => /^lyb_[0-9a-f]{8}_[\w-]{43}$/.test(bearer);

const NOBODY = sha256('no such key');

/** The keys that are good, found by their id and compared as hashes: what is wrong costs one look-up and delays nobody. */
export class StopKeys {
  readonly #keys = new Map<string, StopKey>();
  readonly #watchers: (() => void)[] = [];

  /** `then` is called after every change. */
  watch(then: () => void): void {
    this.#watchers.push(then);
  }

  put(key: StopKey): void {
    this.#keys.set(key.id, key);
    for (const then of this.#watchers) then();
  }

  remove(id: string): void {
    this.#keys.delete(id);
    for (const then of this.#watchers) then();
  }

  /** All of them at once, as another thread is told. */
  replace(keys: readonly StopKey[]): void {
    this.#keys.clear();
    for (const key of keys) this.#keys.set(key.id, key);
  }

  find(id: string): StopKey | undefined {
    return this.#keys.get(id);
  }

  all(): StopKey[] {
    return [...this.#keys.values()];
  }

  of(person: string): StopKey[] {
    return this.all().filter((key) => key.person === person);
  }

  /** The record that this key proves; null: none. */
  holderOf(bearer: string): StopKey | null {
    const id = bearer.slice(STOP_KEY_PREFIX.length, STOP_KEY_PREFIX.length + 8);
    const key = ID.test(id) ? this.#keys.get(id) : undefined;
    const fits = equalBytes(sha256(bearer), key === undefined ? NOBODY : Buffer.from(key.hash, 'base64'));
    return key !== undefined && fits ? key : null;
  }
}
