import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { Scope } from '../../containment/levels.ts';
import type { Operations } from '../../control/operations.ts';
import { isLevel, type Level } from '../../model/level.ts';
import { revokeTokens } from '../../pipeline/acts/acts.ts';
import type { About } from '../../pipeline/acts/rights.ts';
import type { Holder } from '../../pipeline/credentials/tokens.ts';
import { type KilledRelease, sayFirst, saySecond } from '../../pipeline/stop/release-killed.ts';
import { cutReport, release, stop } from '../../pipeline/stop/stop.ts';
import type { Foundation } from '../foundation.ts';
import { unknownAgent, unknownPoint } from '../unknown.ts';
import { type Known, readScope, unknownScope } from './scope.ts';
import { previewOf, secretsIn, unseenIn } from './stop-view.ts';

/** What tightens needs no set in force: it also works while everything waits to be mended. */
type Halting = Pick<Operations, 'stop' | 'previewStop' | 'revokeTokens' | 'revokePointTokens'>;

export function haltingOperations(foundation: Foundation, known: Known): Halting {
  const revoke = async (holder: Holder) => {
    const done = await foundation.operate(revokeTokens(foundation.tokens, holder));
    if (!done.ok) return done;
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
      if (!read.ok) return read;
      const scope = read.value;
      if (!isLevel(level) || level === 'live')
        return err(problem('LEVEL_UNKNOWN', { level, act: 'stop', levels: 'watched, frozen or killed' }));
      const { agents, tokens } = previewOf(foundation, known, scope, level);
      const done = await foundation.operate(stop(foundation.halt, scope, level, why));
      if (!done.ok) return done;
      const { value, unrecorded } = done.value;
      const cut = cutReport(value.cutting.things);
      const seen = { scope, level: value.level, agents: agents ?? [], tokens: tokens ?? 0, cut };
      const secrets = secretsIn(known, scope, level);
      // The stop stands: what cannot be read now takes nothing from its answer.
      const unseen = await unseenIn(foundation, scope, cut).catch(() => ({}));
      return ok({ ...seen, ...secrets, ...unseen, ...(unrecorded === undefined ? {} : { unrecorded }) });
    },
    async previewStop(what, level) {
      const read = readScope(what, known, 'stopped');
      if (!read.ok) return read;
      if (!isLevel(level) || level === 'live')
        return err(problem('LEVEL_UNKNOWN', { level, act: 'stop', levels: 'watched, frozen or killed' }));
      const scope = read.value;
      const seen = previewOf(foundation, known, scope, level);
      const unseen = await unseenIn(foundation, scope, seen['cut']);
      return ok({ ...seen, ...secretsIn(known, scope, level), ...unseen });
    },
  };
}

/** What a release stands on besides the levels. */
interface ReleaseGround {
  readonly known: Known;
  readonly killed: KilledRelease;
  /** Looks into the log where that is called for; a sentence, or null. */
  whyNot(scope: string): Promise<Problem | null>;
  aboutOf(scope: string): About;
  /** Ids of the agents that are narrower for a while after it; undefined: all, or the one that the scope names. */
  halfOpenAfter(scope: string): Promise<readonly string[] | undefined>;
}

export async function releaseScope(
  foundation: Foundation,
  { known, killed, whyNot, aboutOf, halfOpenAfter }: ReleaseGround,
  what: string,
  why: string,
): ReturnType<Operations['release']> {
  const read = readScope(what, known, 'released');
  if (!read.ok) return read;
  const { halt } = foundation;
  // As the list of stops says it, or as it is written in rules.
  const scope = [...halt.levels.keys()].find((set) => set === what) ?? read.value;
  if (why.trim() === '') return err(problem('REASON_MISSING'));
  const nobody = halt.levels.has(scope) ? null : unknownScope(scope, known, 'released');
  if (nobody !== null) return err(nobody);
  // Nothing widens: nobody has to sign that, and the log does not say that something was released.
  if (!halt.levels.has(scope)) return ok(releasedOf(foundation, known, scope, 'live'));
  const [about, refuse] = [aboutOf(scope), () => whyNot(scope)];
  const isKilled = halt.levels.get(scope) === 'killed';
  if (isKilled && !foundation.passkeys.claimed) return err(problem('NOBODY_CAN_SIGN'));
  if (isKilled && killed.words.find(scope, halt, foundation.clock.now()) === null) {
    const first = await foundation.operate(sayFirst(killed, scope, why, refuse, about));
    return first.ok ? ok({ scope, was: 'killed', next: SECOND }) : first;
  }
  const terms = { about, halfOpen: await halfOpenAfter(scope) };
  const act = isKilled
    ? saySecond(killed, scope, why, refuse, terms)
    : release(halt, scope, why, refuse, terms);
  const done = await foundation.operate(act);
  if (!done.ok) return done;
  return ok(releasedOf(foundation, known, scope, done.value.value));
}

function releasedOf(foundation: Foundation, known: Known, scope: Scope, was: Level): JsonObject {
  const still = stillStopped(foundation, known, scope);
  return { scope, was, ...(still === null ? {} : { still }) };
}

/** What holds a released agent all the same, so that nobody waits for what does not come. */
function stillStopped({ halt }: Foundation, known: Known, scope: Scope): string | null {
  const others = [...halt.levels.keys()].filter((one) => one !== scope);
  if (scope === 'all' && others.length > 0)
    return `Stopped still, each by a stop of its own: ${others.join(', ')}.`;
  const agent = known.agents().find(({ id }) => scope === `agent:${id}`);
  if (agent === undefined) return null;
  const level = halt.levelOf(agent);
  if (level === 'live') return null;
  if (level === agent.level)
    return `It is ${level} still: the configuration says \`level: ${level}\`. Change that, and ./lanyard apply.`;
  return `It is ${level} still, by another stop: ./lanyard status shows all.`;
}

const SECOND =
  'It is killed still: a second person signs the same release now, or the same one ten minutes later where nobody else can.';

export function isKilled(
  foundation: Foundation,
  { id: agent, owner }: { id: string; owner: string },
): boolean {
  return foundation.halt.setFor({ agent, owner }) === 'killed';
}
