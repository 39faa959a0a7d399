import { LIMITS } from '../../../base/limits.ts';

/**
 * A tool's or prompt's name on `/mcp`: what `splitName` of intake takes apart. Ids of upstreams hold no underscore, so
 * the first `__` is ours. Null where it would be longer than a name may be, so that it is hidden.
 */
export function joinName(upstream: string, name: string): string | null {
  const joined = `${upstream}__${name}`;
  return name === '' || joined.length > LIMITS.toolNameLength ? null : joined;
}
