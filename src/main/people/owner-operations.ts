import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Operations } from '../../control/operations.ts';
import type { Agent } from '../../model/agent.ts';
import { resolve } from '../../pipeline/acts/resolve.ts';
import type { House } from '../house.ts';

/** What owners say of what their agents did: how it ended. */
export function ownerOperations(house: House): Pick<Operations, 'resolve' | 'resolveAlike'> {
  const say = async ({ id, agent }: Unresolved, ended: Ended, why: string) => {
    const done = await house.operate(resolve(id, agent, ended, why));
    return done.ok ? null : done.error;
  };
  return {
    async resolve(action, ended, why) {
      const found = await unresolved(house, action, await resolvedOf(house));
      if (!found.ok) return found;
      const wrong = await say(found.value, ended, why);
      return wrong === null ? ok({ resolved: action }) : err(wrong);
    },
    async resolveAlike(actions, ended, why) {
      const all = [...new Set(actions)];
      if (all.length < 1 || all.length > LIMITS.caseUnknown)
        return err(problem('RESOLVE_SIZE', { limit: LIMITS.caseUnknown }));
      const resolved = await resolvedOf(house);
      const found = await Promise.all(all.map((action) => unresolved(house, action, resolved)));
      const wrong = found.find((one) => !one.ok);
      if (wrong?.ok === false) return wrong;
      const each = found.flatMap((one) => (one.ok ? [one.value] : []));
      if (new Set(each.map(({ agent, operation }) => `${agent.id} ${operation}`)).size > 1)
        return err(problem('RESOLVE_UNLIKE'));
      const told: string[] = [];
      for (const one of each) {
        const failed = await say(one, ended, why);
        // What was said before stands; the rest is asked for still.
        if (failed !== null)
          return err({
            code: failed.code,
            sentence: `${told.length} of ${each.length} are resolved; then: ${failed.sentence}`,
          });
        told.push(one.id);
      }
      return ok({ resolved: told });
    },
  };
}

type Ended = 'done' | 'not-done';

interface Unresolved {
  readonly id: string;
  readonly agent: Agent;
  readonly operation: string;
}

/** An action whose end nobody knows, or why it is none. */
async function unresolved(
  house: House,
  id: string,
  resolved: ReadonlySet<string>,
): Promise<Result<Unresolved, Problem>> {
  const outcome = await outcomeOf(house, id);
  const agent = house.standing.inForce.agents.get(outcome?.agent ?? '');
  if (outcome === null || agent === undefined) return err(problem('ACTION_UNKNOWN', { id }));
  if (outcome.outcome !== 'unknown') return err(problem('OUTCOME_KNOWN'));
  if (resolved.has(id)) return err(problem('RESOLVED_ALREADY'));
  return ok({ id, agent, operation: await operationOf(house, id) });
}

/** As its decision names it; its end need not. */
async function operationOf({ store }: House, action: string): Promise<string> {
  for await (const page of store.find({ action, kinds: ['action.decided'] }))
    for (const { text } of page) return entryIn(text).operation ?? '';
  return '';
}

async function outcomeOf({ store }: House, action: string): Promise<Entry | null> {
  let last: Entry | null = null;
  for await (const page of store.find({ action, kinds: ['action.outcome'] }))
    for (const { text } of page) last = entryIn(text);
  return last;
}

/** Actions of which a person has said how they ended, as far back as anybody is asked. */
async function resolvedOf({ store }: Pick<House, 'store'>): Promise<ReadonlySet<string>> {
  const before = await store.size();
  const found = await store.newest({
    from: Math.max(0, before - LIMITS.followBacklog),
    before,
    limit: LIMITS.keptResolutions,
    kinds: ['operator.resolved'],
  });
  return new Set(found.map(({ text }) => String(entryIn(text)['resolves'])));
}
