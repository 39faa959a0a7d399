import { nearest } from '../base/nearest.ts';
import { err, ok } from '../base/result.ts';
import { isScope, levelOf } from '../containment/levels.ts';
import type { Operations, OperatorRefusal } from '../control/operations.ts';
import { isLevel } from '../model/level.ts';
import { release, revokeTokens, stop } from '../pipeline/acts.ts';
import type { About } from '../pipeline/rights.ts';
import type { Holder } from '../pipeline/tokens.ts';
import type { Foundation } from './house.ts';

/** What tightens needs no set in force: it also works while everything waits to be mended. */
export type Halting = Pick<Operations, 'stop' | 'revokeTokens' | 'revokePointTokens'>;

/** `agents`, `points`: ids that are known. */
export function haltingOperations(
  foundation: Foundation,
  agents: () => readonly string[],
  points: () => readonly string[],
): Halting {
  const revoke = async (holder: Holder) => {
    const done = await foundation.operate(revokeTokens(foundation.tokens, holder));
    if (!done.ok) return err(refusal(done.error));
    const { value, unrecorded } = done.value;
    return ok({ revoked: value, ...(unrecorded === undefined ? {} : { unrecorded }) });
  };
  return {
    revokeTokens: async (agent) => {
      // The tokens of an agent that is configured no more can still be ended.
      const known = foundation.tokens.ofAgent(agent).length > 0 ? null : unknownAgent(agent, agents());
      return known === null ? revoke({ agent }) : err(known);
    },
    revokePointTokens: async (point) => {
      const known = foundation.tokens.of({ point }).length > 0 ? null : unknownPoint(point, points());
      return known === null ? revoke({ point }) : err(known);
    },
    async stop(scope, level, why) {
      const agent = scope.startsWith('agent:') ? unknownAgent(scope.slice('agent:'.length), agents()) : null;
      if (agent !== null) return err(agent);
      if (!isScope(scope)) return err(refusal(`"${scope}" cannot be stopped; say all or agent:ID`));
      if (!isLevel(level) || level === 'live')
        return err(refusal(`"${level}" is no level to stop at; say watched, frozen or killed`));
      const done = await foundation.operate(stop(foundation.halt, scope, level, why));
      if (!done.ok) return err(refusal(done.error));
      const { value, unrecorded } = done.value;
      // Killed is: credentials gone.
      if (value === 'killed') {
        for (const agent of scope === 'all' ? agents() : [scope.slice('agent:'.length)])
          await revoke({ agent });
        if (scope === 'all') for (const point of points()) await revoke({ point });
      }
      return ok({ scope, level: value, ...(unrecorded === undefined ? {} : { unrecorded }) });
    },
  };
}

/** `whyNot` looks into the log where that is called for; a sentence, or null. */
export async function releaseScope(
  foundation: Foundation,
  scope: string,
  why: string,
  whyNot: (scope: string) => Promise<string | null>,
  about: About = {},
): ReturnType<Operations['release']> {
  if (!isScope(scope)) return err(refusal(`"${scope}" cannot be released; say all or agent:ID`));
  if (why.trim() === '') return err(refusal('A release needs a reason: --why "…"'));
  const { halt } = foundation;
  if (halt.levels.get(scope) === 'killed') return err(refusal(KILLED));
  const done = await foundation.operate(release(halt, scope, why, () => whyNot(scope), about));
  return done.ok ? ok({ scope, was: done.value.value }) : err(refusal(done.error));
}

export function isKilled(foundation: Foundation, agent: string): boolean {
  return levelOf(foundation.halt.levels, agent, 'live') === 'killed';
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
