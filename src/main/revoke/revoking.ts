import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Draft } from '../../pipeline/recording/draft.ts';
import type { House } from '../house.ts';
import { readThenFollow } from '../log/read-then-follow.ts';
import { DueRevokes, type Kill, killOf, type OwedRevoke, REVOKE_KINDS } from './due.ts';
import { type Revoked, revokeSecret } from './secret.ts';
import { secretsAtStake, stakeFields } from './stake.ts';

const NOT_CONFIGURED: Revoked = {
  attempts: 0,
  proved: false,
  failed: 'it is configured no more how it is revoked',
};

const RELEASED = { failed: 'it was released meanwhile, so it was left off in the middle' } as const;

/**
 * Follows the log: once a kill stands there that a person, her key or code, or a breaker set, the secrets that it is about
 * are revoked; what a crash or an end left over is taken up at the next start. Answers how to leave: what runs then is cut
 * off and stays owed.
 */
export async function openRevoking(house: House): Promise<() => void> {
  const due = new DueRevokes();
  const revoking = new Revoking(house);
  await readThenFollow(
    house,
    REVOKE_KINDS,
    (entry, isNew) => {
      if (!isNew) return due.see(entry);
      const kill = killOf(entry);
      if (kill !== null) setImmediate(() => revoking.begin(kill));
      if (entry.kind === 'containment.released') revoking.release(String(entry['scope']));
    },
    () => {
      for (const kill of due.unplanned) revoking.begin(kill);
      for (const owed of due.owed) {
        house.log(
          `revoking the secret of ${owed.upstream} after the kill of ${owed.scope} is taken up again`,
        );
        revoking.revoke(owed);
      }
    },
  );
  return () => revoking.end();
}

/** One secret that is being revoked, for which kills, and how to leave off. */
interface Running {
  /** By their `seq`. */
  readonly stops: Set<number>;
  /** Those of their scopes that nobody has released. */
  readonly scopes: Set<string>;
  /** There is none left. */
  readonly released: AbortController;
}

/** Each secret once at a time, whatever kills it; so at most as many at once as there are upstreams. */
class Revoking {
  readonly #house: House;
  readonly #ending = new AbortController();
  /** By upstream. */
  readonly #running = new Map<string, Running>();

  constructor(house: House) {
    this.#house = house;
  }

  end(): void {
    this.#ending.abort();
  }

  /** What people brought back is not to be broken afterwards: what is revoked for nothing else any more is left off. */
  release(scope: string): void {
    for (const { scopes, released } of this.#running.values())
      if (scopes.delete(scope) && scopes.size === 0) released.abort();
  }

  begin({ seq: stop, scope }: Kill): void {
    if (this.#ending.signal.aborted) return;
    const secrets = secretsAtStake(this.#house, scope);
    // Also where there are none: a step that is configured later is not for this kill.
    const said = { stop, scope, secrets: secrets.map(stakeFields) };
    this.#record({ fields: { kind: 'containment.revoking', by: 'stop', ...said } });
    for (const { upstream, revoke } of secrets) {
      if (revoke !== 'none') this.revoke({ upstream, scope, stop });
      else
        this.#house.log(
          `${scope} was killed, and nothing revokes the secret of ${upstream}: revoke it by hand`,
        );
    }
  }

  revoke({ upstream, scope, stop }: OwedRevoke): void {
    const running = this.#running.get(upstream);
    // One that is being left off ends by itself; this kill is a later one.
    if (running !== undefined && !running.released.signal.aborted) {
      running.stops.add(stop);
      running.scopes.add(scope);
      return;
    }
    const released = new AbortController();
    const begun = { stops: new Set([stop]), scopes: new Set([scope]), released };
    this.#running.set(upstream, begun);
    void this.#revokeOne(upstream, scope, begun);
  }

  async #revokeOne(upstream: string, scope: string, running: Running): Promise<void> {
    const { clock, log } = this.#house;
    const { stops, released } = running;
    const { signal } = this.#ending;
    const fromMs = clock.monotonicMs();
    const revoke = this.#house.resolved().revokes.get(upstream);
    const either = AbortSignal.any([signal, released.signal]);
    const ended = revoke === undefined ? NOT_CONFIGURED : await revokeSecret(revoke, either);
    if (this.#running.get(upstream) === running) this.#running.delete(upstream);
    // It is owed still, and taken up at the next start.
    if (signal.aborted) return;
    const done = released.signal.aborted && !ended.proved ? { ...ended, ...RELEASED } : ended;
    const ms = Math.round(clock.monotonicMs() - fromMs);
    const { failed, proved } = done;
    if (failed !== undefined) log(`the secret of ${upstream} may work still (${failed}): revoke it by hand`);
    else log(`the secret of ${upstream} was revoked${proved ? '' : ', which nothing proves'}`);
    const of = { upstream, scope, stops: [...stops], agents: this.#usersOf(upstream) };
    this.#record({ fields: { kind: 'containment.revoked', by: 'stop', ...of, ms, ...this.#said(done) } });
  }

  #usersOf(upstream: string): string[] {
    const [one] = secretsAtStake(this.#house, `upstream:${upstream}`);
    return [...(one?.agents ?? []), ...(one?.others ?? [])].slice(0, LIMITS.stopNamed);
  }

  #said({ attempts, proved, failed, said }: Revoked): JsonObject {
    return {
      attempts,
      proved,
      ...(failed === undefined ? {} : { failed }),
      ...(said === undefined ? {} : { said: this.#clean(said) }),
    };
  }

  /** The end of what a program said: scrubbed as a whole first, so that no half of a secret is left. */
  #clean(said: string): string {
    const { scrubber, redactor } = this.#house.rooms;
    const clean = redactor.redact(scrubber.scrub(said)).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
    return clean.trim().slice(-LIMITS.revokeSaidLength).toWellFormed();
  }

  #record(draft: Draft): void {
    this.#house.recorder.record(draft).catch(() => this.#house.recorder.owe(draft));
  }
}
