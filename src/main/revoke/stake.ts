import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { splitScope } from '../../containment/levels.ts';
import { isSecretReference } from '../configuration/literal-secrets.ts';
import type { UpstreamConfiguration } from '../configuration/shape.ts';
import type { House } from '../house.ts';
import { agentsIn } from '../stop/scope.ts';

/** What a kill means for the secret of an upstream. */
export interface SecretAtStake {
  readonly upstream: string;
  /** `none`: nothing revokes it; `unproved`: no read shows that it was. */
  readonly revoke: 'proved' | 'unproved' | 'none';
  /** Agents that can use it: those the kill covers, */
  readonly agents: readonly string[];
  /** and those it does not, which lose the secret with them. */
  readonly others: readonly string[];
}

/** The secrets that an upstream is given, as the configuration names them. */
export const secretsOf = ({ env, headers }: Pick<UpstreamConfiguration, 'env' | 'headers'>): string[] =>
  [...Object.values(env), ...Object.values(headers)].filter(isSecretReference);

/** The secrets that a kill of this scope is about: of the upstream itself, or of those that its agents can reach. */
export function secretsAtStake(house: House, scope: string): SecretAtStake[] {
  const split = splitScope(scope);
  if (scope !== 'all' && split === null) return [];
  const { agents } = house.standing.inForce;
  const killed = new Set(agentsIn(scope, agents.values()).map(({ id }) => id));
  const { upstreams } = house.resolved().set.configuration;
  const usersOf = usersBySecret(house, upstreams);
  return Object.entries(upstreams).flatMap(([upstream, one]) => {
    const secrets = secretsOf(one);
    if (secrets.length === 0 && one.revoke === undefined) return [];
    const own = reachedBy(house, upstream);
    const isNamed = scope === 'all' || (split?.kind === 'upstream' && split.id === upstream);
    if (!isNamed && !own.some((agent) => killed.has(agent))) return [];
    const users = new Set([...own, ...secrets.flatMap((secret) => usersOf.get(secret) ?? [])]);
    return [
      {
        upstream,
        revoke: one.revoke === undefined ? 'none' : one.revoke.verify === undefined ? 'unproved' : 'proved',
        agents: [...users].filter((agent) => killed.has(agent)),
        others: [...users].filter((agent) => !killed.has(agent)),
      } satisfies SecretAtStake,
    ];
  });
}

/** Two upstreams may be given the same secret: who uses one of them then uses it too. */
function usersBySecret(
  house: House,
  upstreams: Readonly<Record<string, UpstreamConfiguration>>,
): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const [upstream, one] of Object.entries(upstreams))
    for (const secret of secretsOf(one))
      users.set(secret, [...(users.get(secret) ?? []), ...reachedBy(house, upstream)]);
  return users;
}

/** Agents that the rules could let at something of it, whether or not it is connected now. */
export function reachedBy({ standing, pins }: Pick<House, 'standing' | 'pins'>, upstream: string): string[] {
  const { policy, agents } = standing.inForce;
  const tools = [...pins.of(upstream).values()].filter(({ kind }) => kind === 'tool').map(({ name }) => name);
  const leaves = [...tools, 'resources/read', 'prompts/get'];
  return [...agents.keys()].filter((agent) =>
    leaves.some((leaf) => policy.listable(agent, 'live', `mcp:${upstream}/${leaf}`)),
  );
}

/** As the preview of a stop, its answer and its entry say it; LIMITS.stopNamed agents at most. */
export function stakeFields({ upstream, revoke, agents, others }: SecretAtStake): JsonObject {
  const some = (ids: readonly string[]) => ids.slice(0, LIMITS.stopNamed);
  return { upstream, revoke, agents: [...some(agents)], others: [...some(others)] };
}
