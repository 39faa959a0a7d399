import { groupsOf, type OperationEntry } from '../../catalog/entry.ts';
import { type Action, leafOf } from '../../model/action.ts';
import type { InForce } from '../in-force.ts';

/** What the catalog in force says of what an action does; undefined where nothing classifies it. */
export function entryFor(
  inForce: InForce,
  action: Pick<Action, 'upstream' | 'method' | 'name'>,
): OperationEntry | undefined {
  return inForce.upstreams.get(action.upstream)?.entryOf(leafOf(action));
}

/** The same by the operation's name alone. */
export function entryOf(inForce: InForce, operation: string): OperationEntry | undefined {
  const [, upstream = '', leaf = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
  return inForce.upstreams.get(upstream)?.entryOf(leaf);
}

const NAMED = new WeakMap<InForce, Map<string, ReadonlySet<string>>>();

/** What configurations may call it by: its groups, and its own name. Worked out once for each operation of a set. */
export function namesOf(inForce: InForce, action: Action): ReadonlySet<string> {
  let known = NAMED.get(inForce);
  if (known === undefined) {
    known = new Map();
    NAMED.set(inForce, known);
  }
  let names = known.get(action.operation);
  if (names === undefined) {
    names = new Set([...groupsOf(entryFor(inForce, action), action.upstream), action.operation]);
    known.set(action.operation, names);
  }
  return names;
}
