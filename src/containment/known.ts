import { nearest } from '../base/nearest.ts';
import { splitScope } from './levels.ts';

/** What there is to stop, as far as a scope can be mistyped. */
export interface Stoppable {
  readonly agents: readonly { readonly id: string; readonly owner: string }[];
  readonly upstreams: readonly string[];
  /** Tools by the names that rules have for them (`mcp:files/write_file`), of upstreams whose tools are known; absent: of none. */
  readonly operations?: readonly string[];
}

/**
 * What a scope names that does not exist here, with the nearest name that does, since a stop of nobody would look like
 * a stop; null: it exists, or is of a kind in which any name may.
 */
export function unknownIn(scope: string, { agents, upstreams, operations = [] }: Stoppable): Unknown | null {
  const split = splitScope(scope);
  if (split === null) return null;
  const { kind, id } = split;
  if (kind === 'operation') return unknownOperation(id, upstreams, operations);
  const listed =
    kind === 'agent'
      ? agents.map((agent) => agent.id)
      : kind === 'owner'
        ? [...new Set(agents.map(({ owner }) => owner))]
        : kind === 'upstream'
          ? upstreams
          : null;
  if (listed === null || listed.includes(id)) return null;
  return nobody(kind, id, listed);
}

interface Unknown {
  readonly kind: string;
  readonly id: string;
  readonly guess?: string;
}

function nobody(kind: string, id: string, listed: readonly string[]): Unknown {
  const guess = nearest(id, listed);
  return { kind, id, ...(guess === undefined ? {} : { guess }) };
}

/**
 * A tool that its upstream does not have, or one of an upstream that is not here. Of an upstream that nobody has met yet, and
 * of what is no tool (`resources/read`, another door), any name may come to be.
 */
function unknownOperation(
  id: string,
  upstreams: readonly string[],
  operations: readonly string[],
): Unknown | null {
  const [, upstream = '', name = ''] = /^mcp:([^/]+)\/(.+)$/.exec(id) ?? [];
  if (upstream === '') return null;
  const there = operations.filter((operation) => operation.startsWith(`mcp:${upstream}/`));
  const isMet = there.length > 0;
  if (isMet ? name.includes('/') || there.includes(id) : upstreams.includes(upstream)) return null;
  return nobody('operation', id, operations);
}
