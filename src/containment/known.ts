import { nearest } from '../base/nearest.ts';
import { splitScope } from './levels.ts';

/** What there is to stop, as far as a scope can be mistyped. */
export interface Stoppable {
  readonly agents: readonly { readonly id: string; readonly owner: string }[];
  readonly upstreams: readonly string[];
}

/**
 * What a scope names that is not here, with the nearest that is: a stop of nobody would look like one. null: it is here, or
 * of a kind that anything can be.
 */
export function unknownIn(
  scope: string,
  { agents, upstreams }: Stoppable,
): { readonly kind: string; readonly id: string; readonly guess?: string } | null {
  const split = splitScope(scope);
  if (split === null) return null;
  const { kind, id } = split;
  const listed =
    kind === 'agent'
      ? agents.map((agent) => agent.id)
      : kind === 'owner'
        ? [...new Set(agents.map(({ owner }) => owner))]
        : kind === 'upstream'
          ? upstreams
          : null;
  if (listed === null || listed.includes(id)) return null;
  const guess = nearest(id, listed);
  return { kind, id, ...(guess === undefined ? {} : { guess }) };
}
