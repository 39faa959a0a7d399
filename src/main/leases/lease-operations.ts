import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { orNearest } from '../../base/nearest.ts';
import { err, ok } from '../../base/result.ts';
import type { LeaseRow, LeaseSample } from '../../contract/control-reads.ts';
import type { Operations } from '../../control/operations.ts';
import type { Agent } from '../../model/agent.ts';
import { look, type Shown, takeOver } from '../../pipeline/stop/lease-acts.ts';
import type { Leases } from '../../pipeline/stop/leases.ts';
import type { House } from '../house.ts';
import { unknownAgent } from '../unknown.ts';
import { drawSample } from './lease-sample.ts';

interface Offer {
  readonly shown: Shown;
  readonly sample: LeaseSample;
}

/** What was shown to whom, to be confirmed. In memory: after a restart it is shown anew. */
export class Offers {
  readonly #offers = new Map<string, Offer>();

  find(person: string, agent: string, nowMs: number): Offer | undefined {
    const offer = this.#offers.get(`${person} ${agent}`);
    return offer !== undefined && nowMs - offer.shown.atMs < LIMITS.leaseOfferMs ? offer : undefined;
  }

  put(person: string, offer: Offer): void {
    const key = `${person} ${offer.shown.agent}`;
    this.#offers.delete(key);
    this.#offers.set(key, offer);
    for (const oldest of this.#offers.keys()) {
      if (this.#offers.size <= LIMITS.leaseOffers) return;
      this.#offers.delete(oldest);
    }
  }

  drop(person: string, agent: string): void {
    this.#offers.delete(`${person} ${agent}`);
  }
}

/** Looks at agents, by whoever answers for them. `house`: its `operate` says who asks. */
export function leaseOperations(
  house: House,
  leases: Leases,
  offers: Offers,
): Pick<Operations, 'leaseSample' | 'look' | 'takeOver'> {
  const found = (id: string) => {
    const agent = house.standing.inForce.agents.get(id);
    const [now, lease] = [leases.of(id), leases.find(id)];
    return agent === undefined || now === null || lease === undefined ? null : { agent, now, lease };
  };
  const unknown = (id: string) =>
    unknownAgent(id, house.standing.inForce.agents.keys()) ?? problem('AGENT_UNKNOWN', { id, hint: '.' });
  return {
    async leaseSample(id, person) {
      const one = found(id);
      if (one === null) return err(unknown(id));
      if (!answerableFor(one.agent).includes(person))
        return err(problem('NOT_ANSWERABLE', { who: answerableFor(one.agent).join(' or '), agent: id }));
      const nowMs = leases.now();
      const offer = offers.find(person, id, nowMs);
      // Another look was taken meanwhile: what she would confirm is looked at already.
      if (offer?.shown.sinceMs === one.lease.sinceMs) return ok(offer.sample);
      const drawn = await drawSample(house, id, one.now, one.lease.sinceMs, nowMs);
      offers.put(person, drawn);
      return ok(drawn.sample);
    },
    async look(id, person, digest) {
      const one = found(id);
      if (one === null) return err(unknown(id));
      const offer = offers.find(person, id, leases.now());
      if (offer === undefined || offer.shown.digest !== digest) return err(problem('OFFER_MOVED'));
      const done = await house.operate(look(leases, one.agent, offer.shown, answerableFor(one.agent)));
      offers.drop(person, id);
      if (!done.ok) return done;
      house.halt.moved();
      return ok(leaseRow(leases, id));
    },
    async takeOver(id, person) {
      const one = found(id);
      if (one === null) return err(unknown(id));
      const { people } = house.standing.inForce;
      const who = people.get(person);
      if (who === undefined)
        return err(problem('PERSON_UNKNOWN', { id: person, hint: orNearest(person, people.keys()) }));
      const done = await house.operate(takeOver(house.owners, house.standing, one.agent, who));
      return done.ok ? ok({ agent: id, owner: person }) : done;
    },
  };
}

export const answerableFor = ({ owner, backup }: Pick<Agent, 'owner' | 'backup'>): readonly string[] =>
  backup === undefined ? [owner] : [owner, backup];

/** Null: not in force. */
export function leaseRow(leases: Leases, agent: string): LeaseRow | null {
  const now = leases.of(agent);
  if (now === null) return null;
  return {
    stage: now.stage,
    since: toInstant(now.sinceMs),
    until: toInstant(now.watchedMs),
    frozenAt: toInstant(now.frozenMs),
    cadenceMs: now.cadenceMs,
    acted: now.acted,
  };
}
