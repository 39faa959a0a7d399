import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { minuteOf } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { equalBytes, sha256 } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** Whose a token is. */
export type Holder = { readonly agent: string } | { readonly point: string };

/** A token as it is kept: never the token, only its SHA-256. */
export type TokenRecord = Holder & {
  readonly id: string;
  readonly hash: string;
  readonly expiresAtMs: number;
  /** Of a run's token: the one that it was exchanged for, under whose name it acts, and with which it is over. Never stored. */
  readonly exchangedFor?: string;
};

/**
 * Whose a bearer token was found to be. `token` names the token without being it; of a run's the one that it was
 * exchanged for, and then `ofRun` names the run's own.
 */
export type Bearer = Holder & { readonly token: string; readonly ofRun?: string };

const PREFIX = 'lyd_';
const SECRET_BYTES = 32;
const ID_LENGTH = 8;

/** A new bearer token, `lyd_<id>_<secret>`: the id finds its record, 256 random bits prove it. */
export function mintToken(
  holder: Holder,
  nowMs: number,
  ttlMs: number,
): { token: string; record: TokenRecord } {
  const id = randomBytes(ID_LENGTH).toString('hex').slice(0, ID_LENGTH);
  const token = `${PREFIX}${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const record = { ...holder, id, hash: sha256(token).toString('base64'), expiresAtMs: nowMs + ttlMs };
  return { token, record };
}

interface Failures {
  minute: number;
  count: number;
}

const NOBODY = sha256('no such token');
const MOST_PEERS = 10_000;

/** Who a bearer token belongs to. Checked in constant time over hashes; failures are limited per peer address. */
export class Tokens {
  readonly #clock: Clock;
  readonly #records = new Map<string, TokenRecord>();
  readonly #failures = new Map<string, Failures>();
  readonly #watchers: (() => void)[] = [];
  readonly #proven = new WeakMap<object, { readonly bearer: string; readonly record: TokenRecord }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(record: TokenRecord): void {
    this.#records.set(record.id, record);
  }

  remove(id: string): void {
    this.#records.delete(id);
    for (const then of this.#watchers) then();
  }

  /** `then` is called after a token was taken away. */
  watch(then: () => void): void {
    this.#watchers.push(then);
  }

  /** Whether the token of this id is still good. */
  isLive(id: string): boolean {
    const record = this.#records.get(id);
    if (record === undefined || record.expiresAtMs <= this.#clock.now()) return false;
    return record.exchangedFor === undefined || this.isLive(record.exchangedFor);
  }

  /** When the token of this id runs out, in ms since 1970; null where there is no such token. */
  endOf(id: string): number | null {
    return this.#records.get(id)?.expiresAtMs ?? null;
  }

  all(): TokenRecord[] {
    return [...this.#records.values()];
  }

  ofAgent(agent: string): TokenRecord[] {
    return this.of({ agent });
  }

  /** How many each agent has; one that has none is absent. */
  countByAgent(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const record of this.#records.values())
      if ('agent' in record && record.agent !== undefined)
        counts.set(record.agent, (counts.get(record.agent) ?? 0) + 1);
    return counts;
  }

  of(holder: Holder): TokenRecord[] {
    return [...this.#records.values()].filter((record) =>
      'agent' in holder
        ? 'agent' in record && record.agent === holder.agent
        : 'point' in record && record.point === holder.point,
    );
  }

  /** Whether it was exchanged for another one: what it gives ends with a run. */
  isOfRun(bearer: string): boolean {
    return this.#records.get(idOf(bearer))?.exchangedFor !== undefined;
  }

  /** Whether this has the form of a token of an agent or a point. */
  looksLikeOurs(bearer: string): boolean {
    return bearer.startsWith(PREFIX);
  }

  /**
   * `over`: the connection that the token came over, where only one client speaks on it. What has proven itself there is not
   * hashed again (that takes 4 µs, measured): only whether it is still good is looked at each time.
   */
  authenticate(bearer: string | undefined, from: string, over?: object): Result<Bearer, Problem> {
    if (bearer === undefined || bearer === '') return err(this.#failed(from, 'TOKEN_MISSING'));
    const record = this.#records.get(idOf(bearer));
    const proven = over === undefined ? undefined : this.#proven.get(over);
    const isProven = proven !== undefined && proven.record === record && proven.bearer === bearer;
    // The same work whether the id exists or not.
    const matches = isProven || hasHash(bearer, record?.hash);
    if (record === undefined || !matches || !this.isLive(record.id)) {
      return err(this.#failed(from, 'TOKEN_REFUSED'));
    }
    if (over !== undefined && !isProven) this.#proven.set(over, { bearer, record });
    if ('point' in record) return ok({ point: record.point, token: record.id });
    const { agent, id, exchangedFor } = record;
    return ok(exchangedFor === undefined ? { agent, token: id } : { agent, token: exchangedFor, ofRun: id });
  }

  /** A right token always passes: another program at the same address must not lock an agent out by failing. */
  #failed(from: string, code: 'TOKEN_MISSING' | 'TOKEN_REFUSED'): Problem {
    const minute = this.#minute();
    const failures = this.#failures.get(from);
    if (failures?.minute !== minute) {
      if (this.#failures.size >= MOST_PEERS) this.#failures.clear();
      this.#failures.set(from, { minute, count: 1 });
      return problem(code);
    }
    failures.count++;
    return problem(failures.count > LIMITS.authFailuresPerMinute ? 'TOO_MANY_FAILURES' : code);
  }

  #minute(): number {
    return minuteOf(this.#clock.now());
  }
}

function hasHash(bearer: string, hash: string | undefined): boolean {
  return equalBytes(sha256(bearer), hash === undefined ? NOBODY : Buffer.from(hash, 'base64'));
}

function idOf(bearer: string): string {
  return bearer.startsWith(PREFIX) ? bearer.slice(PREFIX.length, PREFIX.length + ID_LENGTH) : '';
}
