import type { OperationEntry } from '../../catalog/entry.ts';
import type { InForce } from '../in-force.ts';

/** What the catalog in force says of an operation by its name; undefined where nothing classifies it. */
export function entryOf(inForce: InForce, operation: string): OperationEntry | undefined {
  const [, upstream = '', leaf = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
  return inForce.upstreams.get(upstream)?.entryOf(leaf);
}
