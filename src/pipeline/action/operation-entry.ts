import type { OperationEntry } from '../../catalog/entry.ts';
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
