import { toInstant } from '../../base/clock.ts';
import { DAY_MS } from '../../base/duration.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok } from '../../base/result.ts';
import type { Operations } from '../../control/operations.ts';
import { makeToken } from '../../pipeline/acts/acts.ts';
import type { About } from '../../pipeline/acts/rights.ts';
import type { Holder } from '../../pipeline/credentials/tokens.ts';
import type { House } from '../house.ts';
import { isKilled } from '../stop/halting.ts';
import { unknownAgent, unknownPoint } from '../unknown.ts';

/** Tokens of agents and points. What ends them tightens (halting.ts). */
export function tokenOperations(house: House): Pick<Operations, 'makeToken' | 'points' | 'makePointToken'> {
  const make = async (holder: Holder, ttlMs: number) => {
    const ttl = Number.isFinite(ttlMs) && ttlMs > 0 ? ttlMs : LIMITS.tokenTtlMs;
    if (ttl > LIMITS.tokenTtlMostMs)
      return err(problem('TTL_TOO_LONG', { days: LIMITS.tokenTtlMostMs / DAY_MS }));
    const act = makeToken(house.tokens, house.clock, holder, ttl, aboutHolder(house, holder));
    const done = await house.operate(act);
    if (!done.ok) return done;
    return ok({ token: done.value.value, expiresAt: toInstant(house.clock.now() + ttl) });
  };
  return {
    async makeToken(agent, ttlMs) {
      const { agents } = house.standing.inForce;
      const unknown = unknownAgent(agent, agents.keys());
      if (unknown !== null) return err(unknown);
      const known = agents.get(agent);
      if (known !== undefined && isKilled(house, known)) return err(problem('KILLED'));
      return make({ agent }, ttlMs);
    },
    points: async () => pointsOf(house),
    async makePointToken(point, ttlMs) {
      const unknown = unknownPoint(point, house.standing.inForce.points.keys());
      if (unknown !== null) return err(unknown);
      if (house.halt.levels.get('all') === 'killed') return err(problem('KILLED'));
      return make({ point }, ttlMs);
    },
  };
}

/** The agents that a token speaks for. */
function aboutHolder({ standing }: House, holder: Holder): About {
  const { agents, points } = standing.inForce;
  const ids = 'agent' in holder ? [holder.agent] : (points.get(holder.point)?.agents ?? []);
  return { agents: ids.flatMap((id) => agents.get(id) ?? []) };
}

function pointsOf(house: House): JsonObject[] {
  return [...house.standing.inForce.points.values()].map(({ id, agents }) => ({
    id,
    agents,
    tokens: tokensOf(house, { point: id }),
  }));
}

export function tokensOf({ tokens }: Pick<House, 'tokens'>, holder: Holder): JsonObject[] {
  return tokens.of(holder).map(({ id, expiresAtMs }) => ({ id, expiresAt: toInstant(expiresAtMs) }));
}
