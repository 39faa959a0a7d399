import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';
import type { Draft } from '../../pipeline/draft.ts';
import type { House } from '../house.ts';
import { DueRevokes, type Kill, killOf, type OwedRevoke, REVOKE_KINDS } from './due.ts';
import { type Revoked, revokeSecret } from './secret.ts';
import { secretsAtStake, stakeFields } from './stake.ts';

const NOT_CONFIGURED: Revoked = {
  attempts: 0,
  proved: false,
  failed: 'it is configured no more how it is revoked',
};

/**
 * Follows the log: once a kill stands there that a person, her key or code, or a breaker set, the secrets that it is about
 * are revoked; what a crash or an end left over is taken up at the next start. Answers how to leave: what runs then is cut
 * off and stays owed.
 */
export async function openRevoking(house: House): Promise<() => void> {
  const due = new DueRevokes();
  for await (const page of house.store.find({ kinds: REVOKE_KINDS }))
    for (const { text } of page) due.see(JSON.parse(text) as Entry);
  const revoking = new Revoking(house);
  house.checkpoints.listenToEntries((entries) => {
    for (const { kind, text } of entries) {
      if (kind !== 'containment.stopped' && kind !== 'containment.tripped') continue;
      const kill = killOf(JSON.parse(text) as Entry);
      if (kill !== null) setImmediate(() => revoking.begin(kill));
    }
  });
  for (const kill of due.unplanned) revoking.begin(kill);
  for (const owed of due.owed) {
    house.log(`revoking the secret of ${owed.upstream} after the kill of ${owed.scope} is taken up again`);
    revoking.revoke(owed);
  }
  return () => revoking.end();
}

/** Each secret once at a time, whatever kills it; so at most as many at once as there are upstreams. */
class Revoking {
  readonly #house: House;
  readonly #ending = new AbortController();
  /** By upstream: the kills that its secret is being revoked for. */
  readonly #running = new Map<string, Set<number>>();

  constructor(house: House) {
    this.#house = house;
  }

  end(): void {
    this.#ending.abort();
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
    if (running !== undefined) {
      running.add(stop);
      return;
    }
    const stops = new Set([stop]);
    this.#running.set(upstream, stops);
    void this.#revokeOne(upstream, scope, stops);
  }

  async #revokeOne(upstream: string, scope: string, stops: ReadonlySet<number>): Promise<void> {
    const { clock, log } = this.#house;
    const { signal } = this.#ending;
    const fromMs = clock.monotonicMs();
    const revoke = this.#house.resolved().revokes.get(upstream);
    const done = revoke === undefined ? NOT_CONFIGURED : await revokeSecret(revoke, signal);
    this.#running.delete(upstream);
    // It is owed still, and taken up at the next start.
    if (signal.aborted) return;
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
      ...{ attempts, proved },
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
