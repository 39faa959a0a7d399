import { LIMITS } from '../../base/limits.ts';
import { splitScope } from '../../containment/levels.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { Agent } from '../../model/agent.ts';
import type { Answerable } from '../../watch/notify/plan.ts';
import { isIn, searchOf } from '../cases/case-window.ts';
import type { House } from '../house.ts';
import { answerableFor } from '../leases/lease-operations.ts';
import { reachedBy } from '../revoke/stake.ts';
import { agentsIn } from './scope.ts';

type Ground = Pick<House, 'standing' | 'pins' | 'store' | 'clock'>;

/**
 * Agents in force that a stop of this scope is about: those it covers as a whole; of an upstream or an operation those that the
 * rules could let at it; of a session or a target those that the log shows there. Of everything, none in particular.
 */
async function agentsConcerned(house: Ground, scope: string): Promise<readonly Agent[]> {
  const { agents, policy } = house.standing.inForce;
  const split = splitScope(scope);
  switch (split?.kind) {
    case undefined:
      return [];
    case 'agent':
    case 'owner':
      return agentsIn(scope, agents.values());
    case 'upstream':
      return named(agents, reachedBy(house, split.id));
    case 'operation':
      return [...agents.values()].filter(({ id }) => policy.listable(id, 'live', split.id));
    default:
      return named(agents, await seenAt(house, scope));
  }
}

/** Those of the newest actions there, of a day. */
async function seenAt({ store, clock }: Ground, scope: string): Promise<Set<string>> {
  const before = await store.size();
  const from = Math.max(0, before - LIMITS.caseBacklog);
  const window = { scope, from, before, sinceMs: clock.now() - LIMITS.caseBackMs, by: 'day' } as const;
  const search = { ...searchOf(window), kinds: ['action.decided'], limit: LIMITS.caseActions };
  const found = (await store.newest(search)).map(({ text }) => entryIn(text));
  return new Set(found.filter((entry) => isIn(scope, entry)).map(({ agent = '' }) => agent));
}

const named = (agents: ReadonlyMap<string, Agent>, ids: Iterable<string>): Agent[] =>
  [...ids].map((id) => agents.get(id)).filter((agent) => agent !== undefined);

/** Whom a release of less, or more, than one agent narrows for a while; undefined: everybody, be it that they are too many. */
export async function halfOpenAfter(house: Ground, scope: string): Promise<readonly string[] | undefined> {
  if (scope === 'all' || splitScope(scope)?.kind === 'agent') return undefined;
  const ids = (await agentsConcerned(house, scope)).map(({ id }) => id);
  return ids.length > LIMITS.halfOpenNamed ? undefined : ids;
}

/** Who is told of such a stop: LIMITS.stopTold people at most, and where there are more, security beside them. */
export async function toldOfStop(house: Ground, scope: string): Promise<Answerable> {
  const concerned = await agentsConcerned(house, scope);
  const owners = new Set(concerned.map(({ owner }) => owner));
  const backups = new Set(concerned.flatMap((agent) => answerableFor(agent).slice(1)));
  for (const owner of owners) backups.delete(owner);
  const some = (people: ReadonlySet<string>) => [...people].slice(0, LIMITS.stopTold);
  const more = owners.size > LIMITS.stopTold ? ['role:security'] : [];
  return { owners: [...some(owners), ...more], backups: some(backups) };
}
