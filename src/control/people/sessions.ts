import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { sha256 } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';

const SESSION_PREFIX = 'lys_';

/** A signed-in person's session. */
export interface Session {
  /** Names it without being its token. */
  readonly id: string;
  readonly person: string;
  /** The origin it was opened at, and works at. */
  readonly origin: string;
  /** Address of the connection that it was opened by. */
  readonly from: string;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  /** When it last did something. */
  readonly usedAtMs: number;
}

interface Kept extends Session {
  usedAtMs: number;
}

/**
 * Sessions of signed-in people: bearer tokens that a page holds in its memory, never cookies, so that no other page can
 * have a browser send one along. Kept as hashes, in memory alone: a restart ends them all.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #byHash = new Map<string, Kept>();
  readonly #ended = new Set<(session: string) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(person: string, origin: string, from: string): { readonly token: string; readonly session: Session } {
    this.#sweep();
    const mine = this.of(person);
    if (mine.length >= LIMITS.sessionsPerPerson) this.end(mine[0]?.id ?? '');
    const token = `${SESSION_PREFIX}${randomBytes(32).toString('base64url')}`;
    const now = this.#clock.now();
    const session = {
      id: randomBytes(6).toString('hex'),
      person,
      origin,
      from,
      openedAtMs: now,
      expiresAtMs: now + LIMITS.signedInMs,
      usedAtMs: now,
    };
    this.#byHash.set(hashOf(token), session);
    return { token, session };
  }

  /** The live session of a token that came with a request to this origin. */
  find(token: string, origin: string): Session | null {
    const kept = this.#byHash.get(hashOf(token));
    if (kept === undefined || kept.origin !== origin) return null;
    if (!this.#isLive(kept)) {
      this.end(kept.id);
      return null;
    }
    kept.usedAtMs = this.#clock.now();
    return kept;
  }

  /** Whether what was opened by this session, a stream of events say, may go on. */
  isOpen(id: string): boolean {
    return [...this.#byHash.values()].some((one) => one.id === id && one.expiresAtMs > this.#clock.now());
  }

  /** Those that are good now, of everybody. */
  all(): Session[] {
    this.#sweep();
    return [...this.#byHash.values()];
  }

  of(person: string): Session[] {
    return [...this.#byHash.values()].filter((one) => one.person === person);
  }

  end(id: string): boolean {
    for (const [hash, one] of this.#byHash) {
      if (one.id !== id) continue;
      this.#byHash.delete(hash);
      for (const then of this.#ended) then(id);
      return true;
    }
    return false;
  }

  endAllOf(person: string): number {
    const mine = this.of(person);
    for (const { id } of mine) this.end(id);
    return mine.length;
  }

  /** `then` is told of each session that ends. Answers how to leave. */
  onEnd(then: (session: string) => void): () => void {
    this.#ended.add(then);
    return () => this.#ended.delete(then);
  }

  #isLive(one: Kept): boolean {
    const now = this.#clock.now();
    return one.expiresAtMs > now && one.usedAtMs + LIMITS.signedInIdleMs > now;
  }

  #sweep(): void {
    for (const one of [...this.#byHash.values()]) if (!this.#isLive(one)) this.end(one.id);
  }
}

const hashOf = (token: string): string => sha256(token).toString('base64');
