import type { OperationEntry } from '../../catalog/entry.ts';
import type { Action } from '../../model/action.ts';
import type { InForce } from '../in-force.ts';

/** What the catalog in force says of what an action does; undefined where nothing classifies it. */
export function entryFor(
  inForce: InForce,
  { upstream, method, name }: Pick<Action, 'upstream' | 'method' | 'name'>,
): OperationEntry | undefined {
  return inForce.upstreams.get(upstream)?.entryOf(method === 'tools/call' ? name : method);
}

/** The same by the operation's name alone. */
export function entryOf(inForce: InForce, operation: string): OperationEntry | undefined {
  const [, upstream = '', leaf = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
  return inForce.upstreams.get(upstream)?.entryOf(leaf);
}
