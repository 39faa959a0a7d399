import { nearest } from '../base/nearest.ts';
import { err, ok } from '../base/result.ts';
import type { Operations, OperatorRefusal } from '../control/operations.ts';
import { isLevel } from '../model/level.ts';
import { revokeTokens } from '../pipeline/acts.ts';
import type { About } from '../pipeline/rights.ts';
import { release, stop } from '../pipeline/stop.ts';
import type { Holder } from '../pipeline/tokens.ts';
import type { Foundation } from './house.ts';
import { type Known, readScope } from './scope.ts';

/** What tightens needs no set in force: it also works while everything waits to be mended. */
export type Halting = Pick<Operations, 'stop' | 'revokeTokens' | 'revokePointTokens'>;

export function haltingOperations(foundation: Foundation, known: Known): Halting {
  const revoke = async (holder: Holder) => {
    const done = await foundation.operate(revokeTokens(foundation.tokens, holder));
    if (!done.ok) return err(refusal(done.error));
    const { value, unrecorded } = done.value;
    return ok({ revoked: value, ...(unrecorded === undefined ? {} : { unrecorded }) });
  };
  return {
    revokeTokens: async (agent) => {
      // The tokens of an agent that is configured no more can still be ended.
      const ids = known.agents().map(({ id }) => id);
      const unknown = foundation.tokens.ofAgent(agent).length > 0 ? null : unknownAgent(agent, ids);
      return unknown === null ? revoke({ agent }) : err(unknown);
    },
    revokePointTokens: async (point) => {
      const unknown = foundation.tokens.of({ point }).length > 0 ? null : unknownPoint(point, known.points());
      return unknown === null ? revoke({ point }) : err(unknown);
    },
    async stop(what, level, why) {
      const read = readScope(what, known, 'stopped');
      if (!read.ok) return err(refusal(read.error));
      const scope = read.value;
      if (!isLevel(level) || level === 'live')
        return err(refusal(`"${level}" is no level to stop at; say watched, frozen or killed`));
      const done = await foundation.operate(stop(foundation.halt, scope, level, why));
      if (!done.ok) return err(refusal(done.error));
      const { value, unrecorded } = done.value;
      return ok({ scope, level: value.level, ...(unrecorded === undefined ? {} : { unrecorded }) });
    },
  };
}

/** `whyNot` looks into the log where that is called for; a sentence, or null. */
export async function releaseScope(
  foundation: Foundation,
  known: Known,
  what: string,
  why: string,
  whyNot: (scope: string) => Promise<string | null>,
  aboutOf: (scope: string) => About = () => ({}),
): ReturnType<Operations['release']> {
  const read = readScope(what, known, 'released');
  if (!read.ok) return err(refusal(read.error));
  const scope = read.value;
  if (why.trim() === '') return err(refusal('A release needs a reason: --why "…"'));
  const { halt } = foundation;
  if (halt.levels.get(scope) === 'killed') return err(refusal(KILLED));
  const done = await foundation.operate(release(halt, scope, why, () => whyNot(scope), aboutOf(scope)));
  return done.ok ? ok({ scope, was: done.value.value }) : err(refusal(done.error));
}

export function isKilled(
  foundation: Foundation,
  { id: agent, owner }: { id: string; owner: string },
): boolean {
  return foundation.halt.setFor({ agent, owner }) === 'killed';
}

export const KILLED =
  'What was killed comes back only by two people who sign it, and that is not built yet; an apply can make another agent.';

export function unknownAgent(id: string, agents: readonly string[]): OperatorRefusal | null {
  if (agents.includes(id)) return null;
  const guess = nearest(id, agents);
  return refusal(`There is no agent "${id}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`);
}

export function unknownPoint(id: string, points: readonly string[]): OperatorRefusal | null {
  if (points.includes(id)) return null;
  const guess = nearest(id, points);
  return refusal(`There is no point "${id}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`);
}

export const refusal = (sentence: string): OperatorRefusal => ({ sentence });
