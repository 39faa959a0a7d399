import type { JsonObject } from '../base/json.ts';
import { nearest } from '../base/nearest.ts';
import { err, ok, type Result } from '../base/result.ts';
import { resolvePath } from '../catalog/path.ts';
import { isScope, type Scope, splitScope } from '../containment/levels.ts';
import { machineFiles } from './files.ts';

/** What there is to stop. */
export interface Known {
  agents(): readonly { readonly id: string; readonly owner: string }[];
  points(): readonly string[];
  upstreams(): readonly string[];
  /** Secrets of upstreams that a kill is about, as its answer says them; absent: no set is in force. */
  secrets?(scope: Scope): readonly JsonObject[];
}

const WHAT =
  'say all, agent:ID, owner:ID, session:ID, operation:NAME (mcp:UPSTREAM/TOOL), upstream:ID or target:ID';

/**
 * What an operator wrote, as a scope. A mistyped id is refused with the nearest one, for a stop of nobody would look like
 * one. A target that is a path is taken as rules see it: absolute, links resolved.
 */
export function readScope(text: string, known: Known, verb: 'stopped' | 'released'): Result<Scope, string> {
  const split = splitScope(text);
  const listed = split === null ? null : knownOf(split.kind, known);
  // What is stopped can be released, whether or not it is still there.
  if (split !== null && listed !== null && verb === 'stopped' && !listed.includes(split.id)) {
    const guess = nearest(split.id, listed);
    const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
    return err(`There is no ${split.kind} "${split.id}"${hint}`);
  }
  const scope = split?.kind === 'target' ? `target:${targetOf(split.id)}` : text;
  return isScope(scope) ? ok(scope) : err(`"${text}" cannot be ${verb}; ${WHAT}`);
}

function knownOf(kind: string, { agents, upstreams }: Known): readonly string[] | null {
  switch (kind) {
    case 'agent':
      return agents().map(({ id }) => id);
    case 'owner':
      return [...new Set(agents().map(({ owner }) => owner))];
    case 'upstream':
      return upstreams();
    default:
      return null;
  }
}

function targetOf(id: string): string {
  if (!/^(?:\/|\.{1,2}\/|file:\/)/i.test(id)) return id;
  const path = resolvePath(id, process.cwd(), machineFiles);
  return path.ok ? path.value : id;
}

/** The agents that a scope is about as a whole: a stop of less than an agent is about none. */
export function agentsIn<A extends { readonly id: string; readonly owner: string }>(
  scope: string,
  agents: Iterable<A>,
): A[] {
  if (scope === 'all') return [...agents];
  const split = splitScope(scope);
  if (split?.kind === 'agent') return [...agents].filter(({ id }) => id === split.id);
  return split?.kind === 'owner' ? [...agents].filter(({ owner }) => owner === split.id) : [];
}
