import { toInstant } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { nearest } from '../base/nearest.ts';
import { err, ok } from '../base/result.ts';
import { isScope, levelOf } from '../containment/levels.ts';
import type { Operations, OperatorRefusal } from '../control/operations.ts';
import { isLevel } from '../model/level.ts';
import { makeToken, release, revokeTokens, stop } from '../pipeline/acts.ts';
import { type OperatorAct, operate } from '../pipeline/operate.ts';
import { acceptDefinitions, describeCatalog } from './accept.ts';
import { applyFiles } from './apply.ts';
import { decideRequest, recordRequest } from './decide-request.ts';
import { explainAction } from './explain-action.ts';
import type { House } from './house.ts';
import type { Surroundings } from './resolve-set.ts';
import { whyNotToRelease } from './verify-in-background.ts';

const SOCKET = { by: 'socket' } as const;

/** What the operator socket of a running instance offers. */
export function createOperations(house: House, around: Surroundings): Operations {
  const act = async <T>(one: OperatorAct<T>) => {
    const done = await operate(house.recorder, SOCKET, one);
    return done.ok ? done : err(refusal(done.error));
  };
  const unknownAgent = (id: string): OperatorRefusal | null => {
    const agents = [...house.standing.inForce.agents.keys()];
    if (agents.includes(id)) return null;
    const guess = nearest(id, agents);
    return refusal(`There is no agent "${id}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`);
  };
  return {
    status: async () => statusOf(house),
    agents: async () => agentsOf(house),
    async makeToken(agent, ttlMs) {
      const unknown = unknownAgent(agent);
      if (unknown !== null) return err(unknown);
      const ttl = Number.isFinite(ttlMs) && ttlMs > 0 ? ttlMs : LIMITS.tokenTtlMs;
      const done = await act(makeToken(house.tokens, house.clock, agent, ttl));
      return done.ok ? ok({ token: done.value.value, expiresAt: toInstant(house.clock.now() + ttl) }) : done;
    },
    async revokeTokens(agent) {
      const done = await act(revokeTokens(house.tokens, agent));
      return done.ok ? ok({ revoked: done.value.value }) : done;
    },
    apply: (dryRun) => applyFiles(house, around, dryRun),
    catalog: async () => describeCatalog(house),
    accept: (upstream, name, shown) => acceptDefinitions(house, upstream, name, shown),
    async stop(scope, level, why) {
      const agent = scope.startsWith('agent:') ? unknownAgent(scope.slice('agent:'.length)) : null;
      if (agent !== null) return err(agent);
      if (!isScope(scope)) return err(refusal(`"${scope}" cannot be stopped; say all or agent:ID`));
      if (!isLevel(level) || level === 'live')
        return err(refusal(`"${level}" is no level to stop at; say watched, frozen or killed`));
      const done = await act(stop(house.halt, scope, level, why));
      if (!done.ok) return done;
      const { value, unrecorded } = done.value;
      return ok({ scope, level: value, ...(unrecorded === undefined ? {} : { unrecorded }) });
    },
    async release(scope, why) {
      if (!isScope(scope)) return err(refusal(`"${scope}" cannot be released; say all or agent:ID`));
      if (why.trim() === '') return err(refusal('A release needs a reason: --why "…"'));
      const done = await act(release(house.halt, scope, why, () => whyNotToRelease(house, scope)));
      return done.ok ? ok({ scope, was: done.value.value }) : done;
    },
    async checkpoint() {
      await house.recorder.checkpoint();
      return ok({ size: house.recorder.size });
    },
    decide: async (request, record) =>
      record
        ? recordRequest(house, request)
        : decideRequest(house.rooms, house.standing.inForce, request).answer,
    explain: (action) => explainAction(house, around, action),
  };
}

const refusal = (sentence: string): OperatorRefusal => ({ sentence });

function statusOf(house: House): JsonObject {
  return {
    set: house.standing.parts.digest,
    policy: house.standing.inForce.policy.digest,
    entries: house.recorder.size,
    fault: house.halt.fault,
    levels: Object.fromEntries(house.halt.levels),
    upstreamsMissing: house.park.missing,
    proof: 'none: no person can sign in yet, so any program of this user can act as an operator',
  };
}

function agentsOf(house: House): JsonObject[] {
  return [...house.standing.inForce.agents.values()].map((agent) => ({
    id: agent.id,
    owner: agent.owner,
    purpose: agent.purpose,
    level: levelOf(house.halt.levels, agent.id, agent.level),
    contained: false,
    tokens: house.tokens
      .ofAgent(agent.id)
      .map(({ id, expiresAtMs }) => ({ id, expiresAt: toInstant(expiresAtMs) })),
    inFlight: house.rooms.admission.inFlight(agent.id),
  }));
}
