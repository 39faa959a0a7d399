import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';

/** How a passkey came to be a person's. */
export type EnrolledVia = 'code' | 'invitation' | 'second' | 'recovery';

/** A passkey as it is kept, and as `person.enrolled` says it: nothing of it is secret. */
export type Passkey = {
  /** Credential id, base64url. */
  readonly credential: string;
  readonly person: string;
  /** SPKI DER, base64url: what signatures are verified with, offline too. */
  readonly publicKey: string;
  /** The same key as the authenticator gave it: COSE_Key, base64url. */
  readonly cose: string;
  readonly rpId: string;
  readonly origin: string;
  readonly via: EnrolledVia;
  /** RFC 3339. */
  readonly enrolled: string;
  /** Who invited her, or everybody who lately did: no quorum counts her together with any of them for a while. */
  readonly invitedBy?: string | readonly string[];
  /** RFC 3339; absent: at once. A passkey of a recovery code is good a day later. */
  readonly validFrom?: string;
};

/** Everybody's passkeys, in memory; the store keeps them as cells, the log as `person.enrolled`. */
export class Passkeys {
  readonly #clock: Clock;
  readonly #byCredential = new Map<string, Passkey>();
  /** The last signature counter that each showed; 0 where it never counts (WebAuthn §6.1.1). */
  readonly #counters = new Map<string, number>();
  #claimed = false;
  #edition = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a passkey was ever enrolled. Nothing takes that back. */
  get claimed(): boolean {
    return this.#claimed;
  }

  /** Grows with every passkey that comes or goes. */
  get edition(): number {
    return this.#edition;
  }

  claim(): void {
    this.#claimed = true;
  }

  put(passkey: Passkey): void {
    this.#claimed = true;
    this.#edition++;
    this.#byCredential.set(passkey.credential, passkey);
  }

  remove(credential: string): void {
    this.#edition++;
    this.#byCredential.delete(credential);
  }

  find(credential: string): Passkey | undefined {
    return this.#byCredential.get(credential);
  }

  of(person: string): Passkey[] {
    return [...this.#byCredential.values()].filter((passkey) => passkey.person === person);
  }

  all(): Passkey[] {
    return [...this.#byCredential.values()];
  }

  isValid(passkey: Passkey): boolean {
    return passkey.validFrom === undefined || Date.parse(passkey.validFrom) <= this.#clock.now();
  }

  /** Others who invited this person within the last days: each of them may hold a passkey of hers. */
  invitersOf(person: string): readonly string[] {
    const since = this.#clock.now() - LIMITS.newcomerMs;
    const lately = this.of(person).filter(({ enrolled }) => !(Date.parse(enrolled) <= since));
    const all = new Set(lately.flatMap(({ invitedBy = [] }) => invitedBy));
    all.delete(person);
    return [...all];
  }

  counterOf(credential: string): number {
    return this.#counters.get(credential) ?? 0;
  }

  count(credential: string, counter: number): void {
    this.#counters.set(credential, counter);
  }
}
