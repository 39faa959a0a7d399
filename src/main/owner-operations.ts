import { problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok } from '../base/result.ts';
import type { Entry } from '../contract/log-entry.ts';
import type { Operations } from '../control/operations.ts';
import { resolve } from '../pipeline/resolve.ts';
import { refusal } from './halting.ts';
import type { House } from './house.ts';

/** What owners say of what their agents did: how it ended. */
export function ownerOperations(house: House): Pick<Operations, 'resolve'> {
  const agentOf = (id: string) => house.standing.inForce.agents.get(id);
  return {
    async resolve(action, ended, why) {
      const outcome = await outcomeOf(house, action);
      const agent = agentOf(outcome?.agent ?? '');
      if (outcome === null || agent === undefined)
        return err(refusal(problem('ACTION_UNKNOWN', { id: action }).sentence));
      if (outcome.outcome !== 'unknown')
        return err(refusal('How it ended is known; there is nothing to say.'));
      if ((await resolvedOf(house)).has(action))
        return err(refusal('Somebody has said already how it ended.'));
      const done = await house.operate(resolve(action, agent, ended, why));
      return done.ok ? ok({ resolved: action }) : err(refusal(done.error));
    },
  };
}

async function outcomeOf({ store }: House, action: string): Promise<Entry | null> {
  let last: Entry | null = null;
  for await (const page of store.find({ action, kinds: ['action.outcome'] }))
    for (const { text } of page) last = JSON.parse(text) as Entry;
  return last;
}

/** Actions of which a person has said how they ended, as far back as anybody is asked. */
export async function resolvedOf({ store }: Pick<House, 'store'>): Promise<ReadonlySet<string>> {
  const before = await store.size();
  const found = await store.newest({
    from: Math.max(0, before - LIMITS.followBacklog),
    before,
    limit: LIMITS.keptResolutions,
    kinds: ['operator.resolved'],
  });
  return new Set(found.map(({ text }) => String((JSON.parse(text) as Entry)['resolves'])));
}
